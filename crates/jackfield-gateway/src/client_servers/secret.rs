//! Detects texts that are probably secrets, so that they are not written into gateway.toml. In doubt, a text counts as a secret.

use std::path::Path;

use jackfield_recipe::names_secret;

/// The maximum length of a word that counts as a plain value.
const LONGEST_WORD: usize = 16;

/// The prefixes of tokens of well-known services.
const PREFIXES: [&str; 11] =
    ["sk-", "ghp_", "gho_", "github_pat_", "glpat-", "xox", "AKIA", "jft_", "eyJ", "pk_live", "rk_live"];

/// Parts of names of variables that hold secrets, in addition to the names that `names_secret` recognizes.
const PARTS: [&str; 5] = ["KEY", "AUTH", "CRED", "PASS", "PRIVATE"];

/// Whether the name of a variable suggests a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    names_secret(name) || PARTS.iter().any(|part| upper.contains(part))
}

/// Whether the value of a variable is evidently not a secret: a number, a word, a URL, or a file on this machine.
pub(super) fn is_plain(name: &str, value: &str) -> bool {
    let is_word = |value: &str| {
        value.len() <= LONGEST_WORD
            && value.chars().all(|char| char.is_ascii_alphabetic() || "/_-.,: ".contains(char))
    };
    let is_address = |value: &str| {
        let is_http = value.starts_with("https://") || value.starts_with("http://");
        is_http && !address_has_secret(value)
    };
    !is_secret_name(name)
        && (value.parse::<f64>().is_ok_and(|_| value.len() < 8)
            || is_word(value)
            || is_address(value)
            || (Path::new(value).is_absolute() && Path::new(value).exists()))
}

/// Whether a text looks like a token.
pub(super) fn is_token(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_random = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && digits >= 4;
    PREFIXES.iter().any(|prefix| text.starts_with(prefix) && text.len() > prefix.len() + 8) || is_random
}

/// Whether a URL contains a user name, a query with a secret, or a path with a token.
pub(super) fn address_has_secret(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_random = |text: &str| {
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        text.len() >= 20 && letters >= 4 && digits >= 4
    };
    authority.contains('@')
        || path.split('/').skip(1).any(|part| is_token(part) || is_random(part))
        || query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .any(|(name, value)| is_secret_name(name) || is_token(value) || is_random(value))
}

/// Returns the name of the first argument that holds a secret: its flag, or a description such as `a value`.
pub(super) fn secret_argument(arguments: &[String]) -> Option<&str> {
    let mut before = "";
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        let flag = name.trim_start_matches('-');
        let follows_secret = before.starts_with('-')
            && !before.contains('=')
            && names_secret(before)
            && !argument.starts_with('-');
        let is_header = argument.to_ascii_lowercase().contains("bearer ")
            || argument.to_ascii_lowercase().starts_with("authorization:");
        if follows_secret {
            return Some(before);
        }
        if (!value.is_empty() && names_secret(flag)) || is_header || is_token(argument) || is_token(value) {
            return Some(if flag.len() < name.len() { name } else { "a value" });
        }
        if argument.contains("://") && address_has_secret(argument) {
            return Some("an address");
        }
        before = argument;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_counts_as_a_secret_unless_its_name_and_value_are_harmless() {
        for (name, value) in [
            ("TZ", "Europe/Paris"),
            ("LOG_LEVEL", "debug"),
            ("PORT", "8080"),
            ("HOST", "https://example.com/v1"),
            ("A", ""),
        ] {
            assert!(is_plain(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("API_KEY", "debug"),
            ("STRIPE_KEY", "x"),
            ("DB_PASS", "x"),
            ("OAUTH", "x"),
            ("SESSION", "correct-horse-battery"),
            ("ID", "hunter2"),
            ("DB", "postgres://me:pw@example.com/db"),
            ("URL", "https://me:pw@example.com"),
            ("URL", "https://example.com/?token=x"),
            ("URL", "https://example.com/s/a1b2c3d4e5f6a7b8c9d0/mcp"),
            ("FILE", "/a/file/that/is/not/here"),
            ("NUMBER", "12345678901"),
        ] {
            assert!(!is_plain(name, value), "{name}={value}");
        }
    }

    #[test]
    fn secret_among_the_arguments_of_a_command_is_found() {
        let found = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            secret_argument(&words).map(str::to_owned)
        };
        for words in [
            &["--api-key", "abc"][..],
            &["--api-key=abc"],
            &["--header", "Authorization: Basic abc"],
            &["x", "Bearer abc"],
            &["ghp_0123456789abcdef"],
            &["DATABASE_PASSWORD=x"],
            &["https://me:pw@example.com"],
        ] {
            assert!(found(words).is_some(), "{words:?}");
        }
        for words in [
            &["-y", "@modelcontextprotocol/server-everything@2026.8.31"][..],
            &["run", "-i", "--rm", "-e", "GITHUB_TOKEN", "ghcr.io/github/server"],
            &["--model", "gpt-4o-mini-2024-07-18", "--max-tokens=5"],
            &["--no-token", "--verbose"],
            &["https://docs.example.com/mcp"],
        ] {
            assert_eq!(found(words), None, "{words:?}");
        }
    }
}
