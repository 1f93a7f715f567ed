//! The URIs of the documentation pages of a connector.

use jackfield_recipe::{percent_decode_lenient, push_percent_escape};

/// A documentation page of a connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageAddress {
    /// The description of the connector, and its tools or groups.
    Overview,
    /// The credentials and scopes that tools need.
    Auth,
    /// The tools of a group, by its tag.
    Group(String),
    /// A tool, by its name.
    Tool(String),
}

impl PageAddress {
    /// Parses the URI of a page of the connector named `connector`.
    pub(crate) fn parse(connector: &str, uri: &str) -> Option<Self> {
        let path = uri.strip_prefix(connector)?.strip_prefix("://docs/")?;
        let name = |name: &str| {
            let is_segment = !name.is_empty() && !name.contains(['/', '?', '#']);
            is_segment.then(|| String::from_utf8(percent_decode_lenient(name)).ok()).flatten()
        };
        match path.split_once('/') {
            None if path == "overview" => Some(Self::Overview),
            None if path == "auth" => Some(Self::Auth),
            Some(("groups", group)) => name(group).map(Self::Group),
            Some(("tools", tool)) => name(tool).map(Self::Tool),
            _ => None,
        }
    }

    /// Returns the URI of the page.
    pub(crate) fn of(&self, connector: &str) -> String {
        let mut uri = format!("{connector}://docs/");
        match self {
            Self::Overview => uri.push_str("overview"),
            Self::Auth => uri.push_str("auth"),
            Self::Group(tag) => {
                uri.push_str("groups/");
                push_segment(&mut uri, tag);
            }
            Self::Tool(name) => {
                uri.push_str("tools/");
                push_segment(&mut uri, name);
            }
        }
        uri
    }

    /// Returns the URI template of the pages of groups.
    pub(crate) fn group_template(connector: &str) -> String {
        format!("{connector}://docs/groups/{{group}}")
    }

    /// Returns the URI template of the pages of tools.
    pub(crate) fn tool_template(connector: &str) -> String {
        format!("{connector}://docs/tools/{{tool}}")
    }
}

fn push_segment(uri: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            push_percent_escape(uri, byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_page_uri_round_trips() {
        for page in [
            PageAddress::Overview,
            PageAddress::Auth,
            PageAddress::Group("a b/ü%41".to_owned()),
            PageAddress::Tool("get_book".to_owned()),
        ] {
            assert_eq!(PageAddress::parse("shop", &page.of("shop")), Some(page));
        }
        for uri in [
            "shop://docs/",
            "shop://docs/overview/",
            "shop://docs/tools/",
            "shop://docs/tools/a/b",
            "shop://docs/tools/a?b",
            "shop://docs/tools/%ff",
            "shop://api/overview",
            "shops://docs/overview",
        ] {
            assert_eq!(PageAddress::parse("shop", uri), None, "{uri}");
        }
    }
}
