//! Which addresses may be connected to. A name is looked up once for each connection, every address that it has is judged,
//! and only one that was judged is connected to: a name that means something else at the next look gains nothing.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// What a look-up comes to.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks up the addresses of a host.
#[derive(Clone)]
pub struct Resolver(Arc<dyn Fn(&str) -> Found + Send + Sync>);

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

impl Resolver {
    /// One of a kind of its own.
    pub fn new(look_up: impl Fn(&str) -> Found + Send + Sync + 'static) -> Self {
        Self(Arc::new(look_up))
    }

    /// The system's.
    pub fn system() -> Self {
        Self::new(|host| {
            let host = host.to_owned();
            Box::pin(async move {
                let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            })
        })
    }
}

/// Looks up names, and lets only addresses through that may be connected to.
#[derive(Clone, Debug)]
pub struct Addresses {
    resolver: Resolver,
    /// Whether inner addresses may be connected to.
    private: bool,
}

/// An address that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its address is not to be connected to from here: {0}")]
pub struct ForbiddenAddress(pub IpAddr);

impl Addresses {
    /// Those that a resolver finds; inner ones only where it is said that they may be meant.
    pub fn new(resolver: Resolver, private: bool) -> Self {
        Self { resolver, private }
    }

    /// Whether an address may be connected to.
    ///
    /// # Errors
    /// When it may not.
    pub fn judge(&self, address: IpAddr) -> Result<(), ForbiddenAddress> {
        if is_forbidden(address) || !self.private && is_inner(address) {
            return Err(ForbiddenAddress(address));
        }
        Ok(())
    }
}

impl Resolve for Addresses {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let found = (this.resolver.0)(name.as_str()).await?;
            for address in &found {
                this.judge(*address)?;
            }
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

/// Whether nothing that we should ask is ever there: no host, many hosts, or where a cloud tells secrets of the machine
/// (link-local, RFC 3927).
pub fn is_forbidden(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_link_local()
                || v4.octets()[0] == 0
        }
        IpAddr::V6(v6) => {
            let embedded = embedded(v6).is_some_and(|v4| is_forbidden(IpAddr::V4(v4)));
            // Where a machine of AWS is told its secrets by version 6.
            let is_metadata = v6.segments()[..2] == [0xfd00, 0xec2];
            v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
                || is_metadata
                || embedded
        }
    }
}

/// Whether an address is of this machine or of a network of one's own, or of a kind that is not for everybody (IANA's
/// registries of special-purpose addresses).
pub fn is_inner(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, third, _] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_documentation()
                || v4.is_broadcast()
                || v4.is_multicast()
                || first == 0
                || first >= 240
                || (first == 100 && (64..128).contains(&second))
                || (first == 192 && second == 0 && third == 0)
                || (first == 198 && (18..20).contains(&second))
        }
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || segments[0] & 0xffc0 == 0xfec0
                || (segments[0] == 0x2001 && segments[1] == 0xdb8)
                || (segments[0] == 0x100 && segments[1..4] == [0, 0, 0])
                || embedded(v6).is_some_and(|v4| is_inner(IpAddr::V4(v4)))
        }
    }
}

/// The address of version 4 that is reached through one of version 6: NAT64 (RFC 6052), 6to4 (RFC 3056) or written as
/// compatible (RFC 4291 §2.5.5.1).
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = v6.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x64, 0xff9b, 1, _, _, _, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Addresses, Resolver, is_forbidden, is_inner};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_of_this_machine_and_of_networks_of_ones_own_are_inner() {
        for text in [
            "127.0.0.1",
            "127.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "100::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
        ] {
            assert!(is_inner(ip(text)), "{text}");
        }
        for text in [
            "1.1.1.1",
            "172.32.0.1",
            "192.0.1.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(!is_inner(ip(text)) && !is_forbidden(ip(text)), "{text}");
        }
    }

    #[test]
    fn a_private_service_may_be_inside_but_never_where_a_cloud_tells_secrets() {
        let inside = Addresses::new(Resolver::system(), true);
        for text in ["127.0.0.1", "10.1.2.3", "::1", "fd12::1", "1.1.1.1"] {
            assert_eq!(inside.judge(ip(text)), Ok(()), "{text}");
        }
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            assert!(inside.judge(ip(text)).is_err(), "{text}");
        }
    }
}
