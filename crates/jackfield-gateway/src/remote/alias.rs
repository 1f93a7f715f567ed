//! Names of tools that every client accepts.

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

/// The maximum number of characters of a tool's name with the name of its connector. Clients add a prefix of their own, and some cut
/// names at 64 characters.
const LONGEST: usize = 45;
/// The characters of the digest that replaces the omitted characters.
const DIGEST: usize = 6;

/// The name of a tool behind the gateway, without the name of its connector. It depends only on the two names, so another tool or
/// connector cannot rename it.
pub(crate) fn alias(connector: &str, tool: &str) -> String {
    let room = LONGEST - (connector.len() + 1);
    let is_known = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    if !tool.is_empty() && tool.len() <= room && tool.chars().all(is_known) {
        return tool.to_owned();
    }
    digested(connector, tool)
}

/// The name with a digest of the whole name, for a tool whose plain name is taken.
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
    fn name_that_clients_accept_stays_and_others_get_a_digest() {
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
    fn names_that_look_alike_stay_apart() {
        let [one, other] = ["read.file", "read/file"].map(|name| alias("a", name));
        assert_ne!(one, other);
        assert_ne!(alias("a", "x\u{200b}y"), alias("a", "x\u{200c}y"));
    }
}
