//! Finds the URLs, hosts and mail addresses in a text.

/// Abbreviations that look like hosts.
const NO_HOSTS: [&str; 4] = ["e.g", "i.e", "a.m", "p.m"];

/// Returns the addresses in a text, without the punctuation around them.
pub(super) fn addresses(text: &str) -> Vec<String> {
    let divides = |c: char| c.is_whitespace() || "()<>[]{}\"'`|,;".contains(c);
    let parts = text.split(divides).map(|part| part.trim_matches(|c: char| ".:!?*_".contains(c)));
    parts.filter(|part| is_address(part)).map(str::to_owned).collect()
}

fn is_address(part: &str) -> bool {
    let lower = part.to_lowercase();
    if lower.contains("://") || lower.starts_with("www.") || lower.starts_with("mailto:") {
        return true;
    }
    let host = lower.rsplit_once('@').map_or(lower.as_str(), |(_, host)| host);
    is_host(host.split(['/', ':', '?', '#']).next().unwrap_or_default())
}

/// Returns whether a text looks like a host: labels that are separated by dots. The last label has only letters.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && !label.starts_with('-')
    };
    let ends_in_letters =
        labels.last().is_some_and(|last| last.chars().count() >= 2 && last.chars().all(char::is_alphabetic));
    labels.len() >= 2 && labels.iter().all(is_label) && ends_in_letters && !NO_HOSTS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_hosts_and_mail_addresses_are_found_in_a_description() {
        for (text, expected) in [
            ("See https://example.com/a?b=1.", &["https://example.com/a?b=1"][..]),
            ("See [the guide](https://example.com/a).", &["https://example.com/a"]),
            ("Ask moss@example.com, or www.example.org!", &["moss@example.com", "www.example.org"]),
            ("From evil.example.net/x", &["evil.example.net/x"]),
            ("e.g. a book, i.e. one. Version 1.2", &[]),
            ("Ends here.Next", &["here.Next"]),
        ] {
            assert_eq!(addresses(text), expected, "{text}");
        }
    }
}
