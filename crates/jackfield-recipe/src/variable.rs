//! Checks that the value of a server variable changes only its own part of the URL.

/// Whether a value of a server variable changes only the variable's own part of the host or path. Defaults,
/// `enum` entries, and values that the user sets are all checked by this rule.
///
/// `before` and `after` are the parts of the URL around the variable. In `before`, variables are already replaced. If the variable is
/// at the start of the URL, its value begins the URL, so it is parsed as a URL.
pub fn stays_in_place(value: &str, before: &str, after: &str) -> bool {
    let plain = |more: &str| {
        value.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c) || more.contains(c))
    };
    match before.split_once("://") {
        // An `@` could end userinfo, which a server URL must not contain.
        None if before.is_empty() && !after.starts_with("://") => !value.contains('@'),
        None => matches!(value, "http" | "https"),
        Some((_, host)) if !host.contains('/') => {
            let begins_label = host.is_empty() || host.ends_with('.');
            let ends_label = after.is_empty() || after.starts_with(['.', ':', '/']);
            plain(":") && !(value.is_empty() && begins_label && ends_label)
        }
        Some(_) => plain("/") && !value.split('/').any(|segment| matches!(segment, "." | "..")),
    }
}

#[cfg(test)]
mod tests {
    use super::stays_in_place;

    #[test]
    fn server_variable_value_cannot_change_the_rest_of_the_url() {
        for (value, before, after, stays) in [
            ("eu", "https://", ".example.com", true),
            ("eu-1.shop", "https://", ".example.com", true),
            ("", "https://", "api.example.com", true),
            ("", "https://", ".example.com", false),
            ("", "https://", "", false),
            ("", "https://api.", ".example.com", false),
            ("evil.example.net/x", "https://", ".example.com", false),
            ("evil.example.net#", "https://", ".example.com", false),
            ("evil.example.net?", "https://", ".example.com", false),
            ("evil.example.net\\", "https://", ".example.com", false),
            ("user@evil.example.net", "https://", "", false),
            ("%2Fx", "https://", ".example.com", false),
            ("\u{FF0F}x", "https://", ".example.com", false),
            ("8443", "https://example.com:", "/v1", true),
            ("1@evil.example.net", "https://example.com:", "/v1", false),
            ("https", "", "://example.com", true),
            ("http+unix", "", "://example.com", false),
            ("https://evil.example.net/?", "", "://example.com", false),
            ("v2/eu", "https://example.com/", "", true),
            ("../admin", "https://example.com/", "", false),
            ("v1?x=", "https://example.com/", "", false),
            ("https://own.example.com/v1", "", "", true),
            ("https://own.example.com", "", "/v1", true),
            ("https://user:pa/ss@own.example.com", "", "", false),
        ] {
            assert_eq!(stays_in_place(value, before, after), stays, "{before}{{{value}}}{after}");
        }
    }
}
