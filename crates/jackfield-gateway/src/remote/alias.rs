//! Names of tools that every client accepts.

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

/// The maximum number of characters of a connector's name and an alias together, with the separator. Clients add a prefix, and some
/// truncate names to 64 characters.
const LONGEST: usize = 45;
/// The number of hexadecimal digits of the digest at the end of a changed name.
const DIGEST: usize = 6;

/// Returns the name of a tool in the gateway, without the prefix for the connector. The name depends only on the arguments, so a change
/// of another tool or connector cannot change it.
pub(crate) fn alias(connector: &str, tool: &str) -> String {
    let room = LONGEST - (connector.len() + 1);
    let is_known = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    if !tool.is_empty() && tool.len() <= room && tool.chars().all(is_known) {
        return tool.to_owned();
    }
    digested(connector, tool)
}

/// Returns a shortened name of a tool that ends with a digest of the whole name.
pub(crate) fn digested(connector: &str, tool: &str) -> String {
    let room = LONGEST - (connector.len() + 1) - (DIGEST + 1);
    let plain = |char: char| if char.is_ascii_alphanumeric() || char == '-' { char } else { '_' };
    let kept: String = tool.chars().map(plain).take(room).collect();
    let digest = hex_encode(&Sha256::digest(tool));
    format!("{}_{}", kept.trim_end_matches('_'), &digest[..DIGEST])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_name_that_clients_do_not_accept_gets_a_digest() {
        for (tool, expected) in [
            ("get-sum", "get-sum"),
            ("get_current_time", "get_current_time"),
            ("read.file", "read_file_"),
            ("gеt_sum", "g_t_sum_"),
            ("", "_"),
            ("a_tool_with_a_name_that_is_very_long_indeed", "a_tool_with_a_name_that_is_very_l_"),
        ] {
            let found = alias("time", tool);
            assert!(found.starts_with(expected), "{tool}: {found}");
            assert!("time_".len() + found.len() <= LONGEST, "{found}");
        }
        let longest = "a-name-of-20-letters";
        assert!(longest.len() + 1 + alias(longest, &"x".repeat(300)).len() <= LONGEST);
    }

    #[test]
    fn similar_tool_names_get_different_aliases() {
        let [one, other] = ["read.file", "read/file"].map(|name| alias("a", name));
        assert_ne!(one, other);
        assert_ne!(alias("a", "x\u{200b}y"), alias("a", "x\u{200c}y"));
    }
}
