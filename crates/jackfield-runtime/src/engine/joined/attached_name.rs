//! The names of tools, prompts and resources of an attached connector.

use std::borrow::Cow;
use std::fmt;

use crate::engine::request::TargetKind;

/// The name under which a connector is attached. Clients see it as a prefix of the names of tools and prompts, and in the scheme of the
/// URIs of resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedName {
    name: String,
    /// The prefix of the names of tools and prompts.
    prefix: String,
}

/// The reason why a connector cannot be attached under a name. The text is a part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAttachedName;

impl fmt::Display for InvalidAttachedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "use 1 to {} lower-case letters, digits and single hyphens, beginning with a letter",
            AttachedName::LONGEST
        )
    }
}

impl std::error::Error for InvalidAttachedName {}

impl AttachedName {
    /// The maximum number of characters. Clients add their own prefix to the names of tools, and some truncate names to 64 characters.
    pub const LONGEST: usize = 20;

    /// Checks a name.
    ///
    /// # Errors
    /// Returns an error if the name cannot be part of the name of a tool and of the scheme of a URI.
    pub fn parse(name: &str) -> Result<Self, InvalidAttachedName> {
        let is_known = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        let is_valid = name.starts_with(|char: char| char.is_ascii_lowercase())
            && name.len() <= Self::LONGEST
            && name.chars().all(is_known)
            && !name.contains("--")
            && !name.ends_with('-');
        let named = || Self { name: name.to_owned(), prefix: format!("{}_", name.replace('-', "_")) };
        is_valid.then(named).ok_or(InvalidAttachedName)
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether `other` equals this name, or continues it after a hyphen. Tools of the two connectors could then have the same name: the
    /// tool `b_c` of `a` and the tool `c` of `a-b`.
    pub fn is_beginning_of(&self, other: &Self) -> bool {
        other.name.strip_prefix(&self.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// Returns the name that clients see instead of `own`.
    pub fn shown(&self, kind: TargetKind, own: &str) -> String {
        match is_address(kind, own) {
            true => self.address(own),
            false => format!("{}{own}", self.prefix),
        }
    }

    /// Returns the connector's own name of a target, or `None` if the target belongs to another connector.
    pub(crate) fn own<'n>(&self, kind: TargetKind, shown: &'n str) -> Option<Cow<'n, str>> {
        if is_address(kind, shown) {
            return self.own_address(shown);
        }
        shown.strip_prefix(&self.prefix).map(Cow::Borrowed)
    }

    /// Returns the URI that clients see: the own URI with the name and `+` before its scheme. In a URI with the scheme `ui`, the name comes
    /// after `ui://` instead, because clients treat this scheme specially.
    fn address(&self, own: &str) -> String {
        match own.strip_prefix(UI) {
            Some(rest) => format!("{UI}{}/{rest}", self.name),
            None => format!("{}+{own}", self.name),
        }
    }

    fn own_address<'n>(&self, shown: &'n str) -> Option<Cow<'n, str>> {
        match shown.strip_prefix(UI) {
            Some(rest) => {
                let rest = rest.strip_prefix(&self.name)?.strip_prefix('/')?;
                Some(Cow::Owned(format!("{UI}{rest}")))
            }
            None => shown.strip_prefix(&self.name)?.strip_prefix('+').map(Cow::Borrowed),
        }
    }
}

const UI: &str = "ui://";

/// Whether the name of a target is a URI. The target of a completion is a prompt, which has a name, or a template, which has a URI
/// template.
fn is_address(kind: TargetKind, name: &str) -> bool {
    match kind {
        TargetKind::Resource => true,
        TargetKind::Completion => name.contains(':'),
        TargetKind::Tool | TargetKind::Prompt => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixed_name_is_converted_back_to_the_name_in_the_connector() {
        let shop = AttachedName::parse("my-shop").unwrap();
        for (kind, own, shown) in [
            (TargetKind::Tool, "list_books", "my_shop_list_books"),
            (TargetKind::Prompt, "greet", "my_shop_greet"),
            (TargetKind::Resource, "file:///a b", "my-shop+file:///a b"),
            (TargetKind::Resource, "ui://map/main.html", "ui://my-shop/map/main.html"),
            (TargetKind::Completion, "greet", "my_shop_greet"),
            (TargetKind::Completion, "shop://{id}", "my-shop+shop://{id}"),
        ] {
            assert_eq!(shop.shown(kind, own), shown);
            assert_eq!(shop.own(kind, shown).as_deref(), Some(own), "{shown}");
        }
    }

    #[test]
    fn prefixed_name_of_another_connector_is_not_converted_back() {
        let shop = AttachedName::parse("shop").unwrap();
        for (kind, shown) in [
            (TargetKind::Tool, "shopping_list"),
            (TargetKind::Tool, "list_shop_books"),
            (TargetKind::Resource, "file:///a"),
            (TargetKind::Resource, "shopping+file:///a"),
            (TargetKind::Resource, "ui://shopping/map"),
        ] {
            assert_eq!(shop.own(kind, shown), None, "{shown}");
        }
    }

    #[test]
    fn connector_names_overlap_if_one_continues_the_other_after_a_hyphen() {
        let parsed = |name| AttachedName::parse(name).unwrap();
        for (name, other, is_beginning) in
            [("a", "a", true), ("a", "a-b", true), ("a-b", "a", false), ("a", "ab", false)]
        {
            assert_eq!(parsed(name).is_beginning_of(&parsed(other)), is_beginning, "{name} {other}");
        }
    }

    #[test]
    fn connector_name_that_is_invalid_in_tool_names_or_uris_is_refused() {
        for name in
            ["", "Shop", "1shop", "my_shop", "my--shop", "shop-", "a b", "größe", "a-name-of-21-letters-"]
        {
            assert_eq!(AttachedName::parse(name), Err(InvalidAttachedName), "{name}");
        }
        for name in ["a", "shop2", "a-name-of-20-letters"] {
            assert_eq!(AttachedName::parse(name).unwrap().as_str(), name);
        }
    }
}
