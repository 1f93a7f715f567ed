//! Finds names that look like other names.

use super::finding::{Finding, FindingCode, quoted};
use crate::entry::name::ServerName;

/// The maximum number of other names that a finding mentions.
const MOST_NAMED: usize = 3;

/// Returns the skeleton of a name: names that people can confuse have the same skeleton.
///
/// Case is ignored. `0` is read as `o`; `1`, `i` and `|` as `l`; `rn` as `m`; `vv` as `w`; `_` and `.` as `-`.
pub fn skeleton(name: &str) -> String {
    let letters = name.chars().map(|c| match c.to_ascii_lowercase() {
        '0' => 'o',
        '1' | 'i' | '|' => 'l',
        '_' | '.' => '-',
        c => c,
    });
    letters.collect::<String>().replace("rn", "m").replace("vv", "w")
}

/// Returns a finding if other names look like the name of a server.
pub fn look_alike_finding(name: &ServerName, others: &[ServerName]) -> Option<Finding> {
    let wanted = skeleton(name.as_str());
    let alike: Vec<&ServerName> =
        others.iter().filter(|other| *other != name && skeleton(other.as_str()) == wanted).collect();
    let first: Vec<String> = alike.iter().take(MOST_NAMED).map(|other| quoted(other.as_str())).collect();
    let more = alike.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!first.is_empty()).then(|| {
        Finding::warning(
            FindingCode::LookAlikeName,
            "server/name",
            format!("the name {} looks like {}{more}", quoted(name.as_str()), first.join(", ")),
            "compare the publishers, letter by letter, before you use one of them",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_confuse_have_the_same_skeleton() {
        for (one, other) in [
            ("com.paypal/mcp", "com.paypa1/mcp"),
            ("com.google/mcp", "com.g0ogle/mcp"),
            ("com.modern/mcp", "com.modem/mcp"),
            ("com.wise/mcp", "com.vvise/mcp"),
            ("io.github.ada/time-server", "io.github.Ada/time_server"),
            ("io.github.ada/time-server", "io.github.ada/time.server"),
            ("io.github.lan/x", "io.github.Ian/x"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
        assert_ne!(skeleton("com.example/time"), skeleton("com.example/tide"));
        assert_ne!(skeleton("com.example/a-b"), skeleton("com.example/ab"));
    }
}
