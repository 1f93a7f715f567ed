//! Classifies network addresses by how private they are. Fetching documents, generating code and calling services all use
//! this classification.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::percent::percent_decode_lenient;

/// The privacy class of a network address, from public addresses to addresses that are never called.
///
/// The order of the variants matters: a later variant is more private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressClass {
    /// An address on the internet, or a host name that has not been resolved yet.
    Public,
    /// An address in a private network.
    PrivateNetwork,
    /// This machine.
    Loopback,
    /// A Unix socket of this machine.
    UnixSocket,
    /// A link-local, metadata service, multicast or reserved address. It is never called, even if the user names it.
    Forbidden,
}

impl AddressClass {
    /// Describes the class, as text that follows "is".
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::PrivateNetwork => "an address of a private network",
            Self::Loopback => "this machine",
            Self::UnixSocket => "a Unix socket of this machine",
            Self::Forbidden => "a link-local, metadata, multicast or reserved address",
        }
    }

    /// Returns the class of an IP address.
    pub const fn of_ip(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Returns the class of the host in a URL. If a resolver parses the host as an IP address without a DNS query, the host has
    /// the class of this address. Any other name is public until it is resolved.
    pub fn of_host(host: &str) -> Self {
        let host = normalized(host);
        if let Some(inner) = host.strip_prefix('[') {
            let address = inner.strip_suffix(']').unwrap_or(inner);
            let address = address.split('%').next().unwrap_or_default();
            return address.parse().map_or(Self::Forbidden, of_v6);
        }
        let host = host.trim_end_matches('.');
        if host == "localhost" || host.ends_with(".localhost") {
            return Self::Loopback;
        }
        let readings = [ipv4(host, true), ipv4(host, false)];
        readings.into_iter().flatten().map(of_v4).max().unwrap_or(Self::Public)
    }

    /// Returns the class of the host in a base URL. Text that is not a URL counts as public, because another check refuses it.
    pub fn of_url(url: &str) -> Self {
        let Some((scheme, rest)) = url.split_once("://") else { return Self::Public };
        if scheme.eq_ignore_ascii_case("unix") || scheme.eq_ignore_ascii_case("http+unix") {
            return Self::UnixSocket;
        }
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host_and_port.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => host,
            _ => host_and_port,
        };
        Self::of_host(host)
    }
}

/// Normalizes a host: percent-decoded, in lower case, with full-width letters and dots replaced by ASCII characters.
fn normalized(host: &str) -> String {
    let plain = |c: char| match c {
        '\u{3002}' | '\u{FF61}' => '.',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{2460}'..='\u{2468}' => char::from_u32(u32::from(c) - 0x2460 + u32::from('1')).unwrap_or(c),
        '\u{24EA}' => '0',
        c => c.to_ascii_lowercase(),
    };
    // Resolvers drop soft hyphens and zero-width characters.
    let is_seen = |c: &char| !matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    String::from_utf8_lossy(&percent_decode_lenient(host))
        .chars()
        .filter(is_seen)
        .map(plain)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Parses an IPv4 address as `inet_aton` and browsers do: one to four numbers in decimal, hexadecimal or octal, the last of
/// which fills the remaining bytes. If `octal` is false, a number with a leading zero is parsed as decimal, as some programs
/// do.
fn ipv4(host: &str, octal: bool) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = host.split('.').collect();
    let (last, before) = parts.split_last()?;
    if before.len() > 3 {
        return None;
    }
    let mut bits: u32 = 0;
    for part in before {
        bits = bits << 8 | number(part, octal).filter(|number| *number <= 0xFF)?;
    }
    let left = 8 * (4 - u32::try_from(before.len()).ok()?);
    let last = number(last, octal)?;
    if left < 32 && last >> left != 0 {
        return None;
    }
    Some(Ipv4Addr::from(bits.checked_shl(left).unwrap_or(0) | last))
}

fn number(text: &str, octal: bool) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some("") => return Some(0),
        Some(digits) => (digits, 16),
        None if octal && text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // `from_str_radix` accepts a sign, which is invalid in an address.
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

const fn of_v4(address: Ipv4Addr) -> AddressClass {
    match address.octets() {
        // Cloud metadata services outside the link-local range, which return credentials.
        [100, 100, 100, 200] | [168, 63, 129, 16] => AddressClass::Forbidden,
        // A connection to the unspecified address goes to this machine.
        [127, ..] | [0, 0, 0, 0] => AddressClass::Loopback,
        [0, ..] | [169, 254, ..] | [192, 0, 0, _] | [224..=255, ..] => AddressClass::Forbidden,
        [10, ..]
        | [100, 64..=127, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        // Benchmark and documentation ranges, which are not routed on the internet.
        | [198, 18 | 19, ..]
        | [192, 0, 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => AddressClass::PrivateNetwork,
        _ => AddressClass::Public,
    }
}

const fn of_v6(address: Ipv6Addr) -> AddressClass {
    let all = address.segments();
    match all {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => AddressClass::Loopback,
        // IPv4-mapped, IPv4-compatible and translated addresses lead to the IPv4 address in their last four
        // bytes. So does the well-known NAT64 prefix, which IPv6-only networks put before every IPv4 address.
        [0, 0, 0, 0, 0, 0 | 0xFFFF, a, b]
        | [0, 0, 0, 0, 0xFFFF, 0, a, b]
        | [0x64, 0xFF9B, 0, 0, 0, 0, a, b]
        // A 6to4 address contains an IPv4 address after its prefix.
        | [0x2002, a, b, ..] => of_v4(embedded(a, b)),
        // Network-specific NAT64 addresses, and Teredo addresses. A Teredo address contains the IPv4 address with inverted bits.
        [0x64, 0xFF9B, 1, .., a, b] => private_or(of_v4(embedded(a, b))),
        [0x2001, 0, .., a, b] => private_or(of_v4(embedded(!a, !b))),
        // Metadata services of AWS, Google and Scaleway.
        [0xFD00, 0xEC2, ..] | [0xFD20, 0xCE, ..] | [0xFD00, 0x42, 0, 0, 0, 0, 0, 0x42] => AddressClass::Forbidden,
        [0xFE80..=0xFEBF, ..] => AddressClass::Forbidden,
        [0xFC00..=0xFDFF, ..] | [0xFEC0..=0xFEFF, ..] => AddressClass::PrivateNetwork,
        // Protocol assignments and documentation.
        [0x2001, 0x0001..=0x01FF | 0xDB8, ..] | [0x3FFF, 0..=0xFFF, ..] => AddressClass::PrivateNetwork,
        [0x2000..=0x3FFF, ..] => AddressClass::Public,
        _ => AddressClass::Forbidden,
    }
}

const fn embedded(a: u16, b: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((a as u32) << 16 | b as u32)
}

const fn private_or(class: AddressClass) -> AddressClass {
    match class {
        AddressClass::Public => AddressClass::PrivateNetwork,
        class => class,
    }
}

#[cfg(test)]
mod tests {
    use super::AddressClass::{self, Forbidden, Loopback, PrivateNetwork, Public, UnixSocket};

    #[test]
    fn every_spelling_of_a_host_gets_the_same_address_class() {
        for (class, hosts) in [
            (
                Loopback,
                &[
                    "127.0.0.1",
                    "127.0.0.1.",
                    "127.255.255.254",
                    "127.1",
                    "127.0.1",
                    "2130706433",
                    "0x7f000001",
                    "0X7F000001",
                    "0x7f.0x0.0x0.0x1",
                    "0x7f.1",
                    "017700000001",
                    "0177.0.0.1",
                    "0177.0.0.01",
                    "127.0x0.0.1",
                    "0.0.0.0",
                    "0",
                    "0x0",
                    "0x",
                    "00",
                    "%31%32%37.0.0.1",
                    "127%2E0%2e0%2E1",
                    "\u{FF11}\u{FF12}\u{FF17}.0.0.1",
                    "127\u{3002}0\u{FF0E}0\u{FF61}1",
                    "\u{2460}\u{2461}\u{2466}.0.0.1",
                    "127.0.0.\u{AD}1",
                    "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1",
                    "localhost",
                    "LOCALHOST",
                    "LocalHost.",
                    "api.localhost",
                    "a.b.localhost.",
                    "%6cocalhost",
                    "\u{FF4C}ocalhost",
                    "[::1]",
                    "[::]",
                    "[0:0:0:0:0:0:0:1]",
                    "[0000:0000:0000:0000:0000:0000:0000:0001]",
                    "[::1%25lo]",
                    "[::1%lo]",
                    "[::ffff:127.0.0.1]",
                    "[::ffff:7f00:1]",
                    "[::FFFF:7F00:0001]",
                    "[::127.0.0.1]",
                    "[::ffff:0:127.0.0.1]",
                    "[64:ff9b::127.0.0.1]",
                    "[64:ff9b::7f00:1]",
                    "[64:ff9b:1::7f00:1]",
                    "[2002:7f00:1::]",
                    "[2002:7f00:1::1]",
                    "[2001:0:1:2:3:4:80ff:fffe]",
                    "[::ffff:0.0.0.0]",
                ][..],
            ),
            (
                PrivateNetwork,
                &[
                    "10.0.0.1",
                    "10.255.255.255",
                    "10.1",
                    "167772161",
                    "0xa000001",
                    "012.0.0.1",
                    // A number with a leading zero may be parsed as octal or as decimal, so the more private of the two classes counts.
                    "010.0.0.1",
                    "172.16.0.1",
                    "172.31.255.255",
                    "192.168.1.1",
                    "192.168.257",
                    "0xc0a80101",
                    "3232235777",
                    "100.64.0.1",
                    "100.127.255.255",
                    "198.18.0.1",
                    "198.19.255.255",
                    "192.0.2.1",
                    "198.51.100.7",
                    "203.0.113.9",
                    "[fc00::1]",
                    "[fd12:3456::1]",
                    "[fec0::1]",
                    "[::ffff:10.0.0.1]",
                    "[::192.168.1.1]",
                    "[64:ff9b::a00:1]",
                    "[64:ff9b:1::808:808]",
                    "[2002:c0a8:101::]",
                    "[2001::f7f7:f7f7]",
                    "[2001:db8::1]",
                    "[3fff::1]",
                ],
            ),
            (
                Forbidden,
                &[
                    "169.254.169.254",
                    "169.254.0.0",
                    "169.254.255.255",
                    "169.16689662",
                    "2852039166",
                    "0xa9fea9fe",
                    "0251.0376.0251.0376",
                    "0xa9.0xfe.0xa9.0xfe",
                    "169.254.169.254.",
                    "169.254.169.%32%35%34",
                    "100.100.100.200",
                    "1684301000",
                    "168.63.129.16",
                    "192.0.0.192",
                    "0.0.0.1",
                    "0.1.2.3",
                    "224.0.0.1",
                    "239.255.255.255",
                    "240.0.0.1",
                    "255.255.255.255",
                    "4294967295",
                    "[fe80::1]",
                    "[fe80::1%25eth0]",
                    "[febf::1]",
                    "[fd00:ec2::254]",
                    "[FD00:0EC2::254]",
                    "[fd20:ce::254]",
                    "[ff02::1]",
                    "[100::1]",
                    "[4000::1]",
                    "[::ffff:169.254.169.254]",
                    "[::169.254.169.254]",
                    "[64:ff9b::a9fe:a9fe]",
                    "[2002:a9fe:a9fe::]",
                    "[2002:6464:64c8::]",
                    "[::ffff:100.100.100.200]",
                    "[not an address]",
                    "[",
                ],
            ),
            (
                Public,
                &[
                    "1.1.1.1",
                    "8.8.8.8.",
                    "93.184.216.34",
                    "128.0.0.1",
                    "172.15.0.1",
                    "172.32.0.1",
                    "100.63.255.255",
                    "100.128.0.1",
                    "192.167.0.1",
                    "169.253.0.1",
                    "223.255.255.255",
                    "[2606:2800:220:1::1]",
                    "[::ffff:1.1.1.1]",
                    "[64:ff9b::101:101]",
                    "[2002:808:808::1]",
                    "example.com",
                    "localhost.example.com",
                    "127.0.0.1.example.com",
                    "notlocalhost",
                    "1.2.3.4.5",
                    "256.1.1.1",
                    "4294967296",
                    "1..1",
                    "09.1.1.1x",
                    "+1",
                    "bookshop",
                    "",
                ],
            ),
        ] {
            for host in hosts {
                assert_eq!(AddressClass::of_host(host), class, "{host}");
            }
        }
    }

    #[test]
    fn url_has_the_privacy_class_of_its_host() {
        for (url, class) in [
            ("http://localhost:8080/v1", Loopback),
            ("HTTP://LOCALHOST", Loopback),
            ("http://[::1]:8080/v1", Loopback),
            ("http://[::1]", Loopback),
            ("https://user:10.0.0.1@127.0.0.1:1/", Loopback),
            ("http://127.0.0.1\\@example.com/", Loopback),
            ("https://10.0.0.1", PrivateNetwork),
            ("https://10.0.0.1:8443?x", PrivateNetwork),
            ("http://169.254.169.254/latest", Forbidden),
            ("unix:///var/run/docker.sock", UnixSocket),
            ("http+unix://%2Fvar%2Frun%2Fdocker.sock", UnixSocket),
            ("HTTP+UNIX://%2Fx.sock/v1", UnixSocket),
            ("https://example.com/127.0.0.1", Public),
            ("https://{tenant}.example.com", Public),
            ("/v1", Public),
            ("", Public),
        ] {
            assert_eq!(AddressClass::of_url(url), class, "{url}");
        }
    }

    #[test]
    fn address_classes_are_ordered_by_privacy() {
        let ordered = [Public, PrivateNetwork, Loopback, UnixSocket, Forbidden];
        assert!(ordered.is_sorted_by(|a, b| a < b));
    }
}
