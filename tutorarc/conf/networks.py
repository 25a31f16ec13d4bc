"""Networks that webhooks may reach although they are not public."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from ssrfguard import DEFAULT_DENIED, Policy, Reach

Network = IPv4Network | IPv6Network
# Services that tell whoever asks the secrets of a machine in a cloud: AWS, GCP, Azure and others (IPv4 and IPv6), ECS,
# Alibaba, Oracle, and the host of a machine in Azure. No network that is allowed opens them.
METADATA = [
    ip_network(address)
    for address in (
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
    )
]


def allowed_networks(text: str) -> list[Network]:
    """The network, without the metadata services that are in it.

    Raises ValueError, also for IPv6 networks with addresses that stand for IPv4 addresses, such as ::/0 and
    64:ff9b::/96: all IPv4 addresses would be allowed with them.
    """
    networks: list[Network] = [ip_network(text)]
    Policy(allowed_networks=tuple(networks))  # refuses a part of such a network
    if any(block.reach is Reach.TRANSLATED and _holds(networks[0], block.network) for block in DEFAULT_DENIED.blocks):
        raise ValueError(f"{text} holds IPv6 addresses that stand for IPv4 addresses")
    for address in METADATA:
        networks = [part for network in networks for part in _without(network, address)]
    return networks


def _holds(network: Network, part: Network) -> bool:
    return network.version == part.version and part.subnet_of(network)  # type: ignore[arg-type]


def _without(network: Network, address: Network) -> list[Network]:
    if network.version != address.version or not network.overlaps(address):
        return [network]
    return list(network.address_exclude(address))  # type: ignore[arg-type]
