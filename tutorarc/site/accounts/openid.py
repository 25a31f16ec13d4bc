"""Sign-in with OpenID Connect, for people who have an account here with an address that the provider has verified.

django-allauth checks state, PKCE, issuer and audience, and keeps the states of several providers apart. Added here are
the signature of the ID token, the issuer of the provider's metadata, and a nonce, which is the PKCE challenge: it
differs for each sign-in, and its secret is in the session of the browser that began it.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal.jwtkit import verify_jti
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from tutorarc.conf.oidc import GOOGLE, MICROSOFT
from tutorarc.domain.email import spellings
from tutorarc.domain.password_hashing import QUEUE
from tutorarc.http.error_pages import not_found
from tutorarc.http.public_url import site_url
from tutorarc.models import User
from tutorarc.models.email_addresses import keep_address

# With a key of the provider's own. With the others, anybody who knows the client's secret could sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
log = logging.getLogger("tutorarc.accounts")
TENANT_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Adapter(OpenIDConnectOAuth2Adapter):
    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's metadata. Raises OAuth2Error if they are another issuer's."""
        config: dict[str, Any] = super().openid_config
        if not is_issuer(config["issuer"], self.get_provider().app):
            raise OAuth2Error("The issuer of the metadata is not the configured one.")
        return config

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """In place of django-allauth's, which checks no signature of a token that comes straight from the provider.

        Raises OAuth2Error.
        """
        config = self.openid_config
        with get_adapter().get_requests_session() as session:
            keys = session.get(config["jwks_uri"]).json()
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                signing_key(id_token, jwt.PyJWKSet.from_dict(keys)),
                ALGORITHMS,
                {"require": ["iss", "aud", "exp"]},
                issuer=config["issuer"],
                audience=app.client_id,
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("Invalid ID token") from error
        verify_jti(claims)
        return claims

    def get_access_token_data(self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: Any = None) -> Any:
        self.nonce = challenge_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Raises OAuth2Error for an ID token that belongs to another sign-in, or to another person than `userinfo`."""
        login = super().complete_login(request, app, token, **kwargs)
        answers = login.account.extra_data
        claims = answers.get("id_token", {})
        if claims.get("nonce") != self.nonce:
            raise OAuth2Error("The nonce of the ID token is wrong.")
        if answers.get("userinfo", claims).get("sub") != claims.get("sub"):
            raise OAuth2Error("The ID token is about somebody else.")
        return login


def signing_key(id_token: str, keys: jwt.PyJWKSet) -> jwt.PyJWK:
    """The provider's key that the token names, or the only one if it names none. Raises jwt.PyJWTError."""
    name = jwt.get_unverified_header(id_token).get("kid")
    found = [key for key in keys.keys if key.key_id == name or (name is None and len(keys.keys) == 1)]
    if not found:
        raise jwt.InvalidKeyError("The provider has no such key.")
    return found[0]


class Provider(OpenIDConnectProvider):
    pkce_enabled_default = True
    oauth2_adapter_class = Adapter

    def get_pkce_params(self) -> dict[str, Any]:
        params = super().get_pkce_params()
        return params | {"nonce": params["code_challenge"].decode()}

    def extract_email_addresses(self, data: Any) -> list[EmailAddress]:
        addresses: list[EmailAddress] = super().extract_email_addresses(data)
        claims = {**data.get("id_token", {}), **data.get("userinfo", {})}
        for address in addresses:
            address.verified = is_verified(self.app.provider_id, address.email, claims)
        return addresses

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing but the page to go on to is taken from the request."""
        return {"process": AuthProcess.LOGIN, "next_url": get_next_redirect_url(request)}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def get_requests_session(self) -> Any:
        """Other requests are worked on while the provider answers (`WorkSlots`): its outage must not be ours."""
        session = super().get_requests_session()
        send = session.send

        def send_without_slot(*args: Any, **options: Any) -> Any:
            with QUEUE.set_aside():
                return send(*args, **options)

        session.send = send_without_slot
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Nobody gets an account by this sign-in. Raises ImmediateHttpResponse with a page that says so."""
        if not sociallogin.is_existing:
            address = next(iter(sociallogin.email_addresses), None)
            raise ImmediateHttpResponse(_refusal(request, sociallogin.provider.name, address=address))

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The user with one of the verified addresses, if a link for a new password may be mailed there.

        Otherwise whoever entered the address of a person, who then gained rights, could sign in as this person.
        """
        for address in sociallogin.email_addresses:
            user = User.objects.filter(email__in=spellings(address.email)).first() if address.verified else None
            if user and user.may_get_password_mail:
                keep_address(user)
                return user, user.email
        return None

    def on_authentication_error(self, request: HttpRequest, provider: Any, **details: Any) -> None:
        log.warning("A sign-in with OpenID Connect failed: %.200r", details.get("exception") or details.get("error"))
        raise ImmediateHttpResponse(_refusal(request, provider.name, failed=True))


def _refusal(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    return render(request, "account/provider_refused.html", {"provider": name, **context}, status=403)


def is_verified(provider_id: str, email: str, claims: Mapping[str, Any]) -> bool:
    """Whether the provider answers for the address of this person now, and not only for an entry of theirs.

    Google does for its own addresses and those of organisations. Microsoft has no `email_verified`: an address is an
    entry like others, unless `xms_edov` says that its domain belongs to the person's organisation.
    """
    if provider_id == MICROSOFT:
        return str(claims.get("xms_edov")).lower() in ("true", "1")
    is_sure = provider_id != GOOGLE or "hd" in claims or email.endswith("@gmail.com")
    return is_sure and str(claims.get("email_verified")).lower() == "true"


def is_issuer(issuer: str, app: Any) -> bool:
    """Whether metadata with this issuer are those of the provider.

    Microsoft's issuer names the tenant by its id, even if the tenant is configured by its domain.
    """
    configured = str(app.settings["server_url"]).partition("/.well-known/")[0].rstrip("/")
    if app.provider_id == MICROSOFT and "." in configured.split("/")[-2]:
        before, _, version = configured.rsplit("/", 2)
        return bool(re.fullmatch(f"{re.escape(before)}/{TENANT_ID}/{re.escape(version)}", issuer))
    return issuer.rstrip("/") == configured


def identity_providers() -> list[dict[str, str]]:
    """Name and address of each provider, for the buttons on the sign-in page."""
    names = {app["provider_id"]: app["name"] for app in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]}
    return [
        {"id": provider_id, "name": name, "url": reverse("oidc", kwargs={"provider_id": provider_id})}
        for provider_id, name in names.items()
    ]


def challenge_of(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@require_safe
@never_cache
def sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider. From another site it leads to the sign-in page: nobody is signed in without wanting it."""
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return redirect(f"{reverse('account_login')}?{request.GET.urlencode()}")
    return _run(OAuth2LoginView, request, provider_id)


@require_safe
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _run(OAuth2CallbackView, request, provider_id)


def _run(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    """404 for a provider that is not configured."""
    names = {provider["id"]: provider["name"] for provider in identity_providers()}
    if provider_id not in names:
        return not_found(request)
    request.build_absolute_uri = partial(site_url, request)  # type: ignore[method-assign] # where people come back to
    try:
        response: HttpResponse = view.adapter_view(Adapter(request, provider_id))(request)
    except (RequestException, OAuth2Error) as failure:
        log.warning("The OpenID Connect provider does not answer as it should: %.200r", failure)
        return _refusal(request, names[provider_id], failed=True)
    return response
