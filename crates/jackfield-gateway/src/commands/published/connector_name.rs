//! The name of the connector for a published server.

use jackfield_registry::ServerName;
use jackfield_runtime::AttachedName;

/// Words around the names of servers that say nothing about the server.
const PREFIXES: [&str; 3] = ["mcp-server-", "server-", "mcp-"];
const SUFFIXES: [&str; 3] = ["-mcp-server", "-server", "-mcp"];

/// Returns a name for the connector of a published server: the part of the server's name after the slash, without the words `mcp` and
/// `server` around it.
pub(super) fn connector_name(server: &ServerName) -> Option<String> {
    let lower = server.short().to_ascii_lowercase();
    let mut name = String::new();
    for c in lower.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '-' };
        if c != '-' || !name.ends_with('-') {
            name.push(c);
        }
    }
    let without = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
    let without = SUFFIXES.iter().find_map(|suffix| without.strip_suffix(suffix)).unwrap_or(without);
    let short: String = without.trim_matches('-').chars().take(AttachedName::LONGEST).collect();
    let short = short.trim_end_matches('-').to_owned();
    AttachedName::parse(&short).ok().map(|_| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_the_name_are_left_out() {
        for (server, expected) in [
            ("io.github.ada/mcp-server-time", Some("time")),
            ("io.github.ada/Weather_MCP", Some("weather")),
            ("com.example/mcp", Some("mcp")),
            ("com.example/a--b..c", Some("a-b-c")),
            ("com.example/a-very-long-name-of-a-server", Some("a-very-long-name-of")),
            ("com.example/7zip", None),
        ] {
            assert_eq!(connector_name(&ServerName::parse(server).unwrap()).as_deref(), expected, "{server}");
        }
    }
}
