"""Secrets of endpoints, in the form of the Standard Webhooks specification. The database holds them encrypted.

They can't be digests as those of API keys are: each signature is made with the secret itself.
"""

import base64
import secrets

PREFIX = "whsec_"
BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()
