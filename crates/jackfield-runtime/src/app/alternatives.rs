//! Lists the security alternatives of a connector's tools. An alternative is a set of schemes that is sufficient for a call. Each
//! alternative is listed with the number of tools that accept it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::call::rows::{Connector, SchemeKind};

/// The maximum number of alternatives in the text output. `--json` prints all alternatives.
const MAX_SHOWN: usize = 20;

/// A set of schemes that is sufficient for a call.
pub(super) struct Alternative<'a> {
    schemes: Vec<&'a str>,
    tools: usize,
    /// The schemes that need a signer instead of a credential.
    signed: Vec<&'a str>,
}

impl<'a> Alternative<'a> {
    /// Returns the alternatives of all tools, the most common first.
    pub(super) fn all(connector: &Connector<'a>) -> Vec<Self> {
        let mut counts: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for tool in connector.tools() {
            let schemes = tool.security.iter().map(|needs| needs.iter().map(|need| need.scheme).collect());
            for schemes in schemes.collect::<BTreeSet<Vec<&str>>>() {
                *counts.entry(schemes).or_default() += 1;
            }
        }
        let mut found: Vec<Self> =
            counts.into_iter().map(|(schemes, tools)| Self::of(connector, schemes, tools)).collect();
        found.sort_by_key(|it| std::cmp::Reverse(it.tools));
        found
    }

    fn of(connector: &Connector<'_>, schemes: Vec<&'a str>, tools: usize) -> Self {
        let is_other = |name: &&str| {
            let scheme = connector.schemes.iter().find(|scheme| scheme.name == *name);
            scheme.is_some_and(|scheme| matches!(scheme.kind, SchemeKind::Http(_)))
        };
        let signed = schemes.iter().copied().filter(|name| is_other(name)).collect();
        Self { schemes, tools, signed }
    }

    /// Returns the alternatives that contain `scheme`, as JSON.
    pub(super) fn json_of(alternatives: &[Self], scheme: &str) -> Value {
        let with = alternatives.iter().filter(|it| it.schemes.contains(&scheme));
        with.map(|it| json!({ "schemes": it.schemes, "tools": it.tools })).collect()
    }

    /// Adds the alternatives to `text`, if there are several, or if one of them needs several schemes.
    pub(super) fn print(alternatives: &[Self], text: &mut String) {
        if alternatives.len() < 2 && alternatives.iter().all(|it| it.schemes.len() < 2) {
            return;
        }
        let _ = writeln!(text, "alternatives (a tool needs only one of its alternatives):");
        let names =
            |it: &Self| if it.schemes.is_empty() { "none".to_owned() } else { it.schemes.join(" + ") };
        let shown = || alternatives.iter().take(MAX_SHOWN);
        let width = shown().map(|it| names(it).chars().count()).max().unwrap_or(0);
        for it in shown() {
            let tools = if it.tools == 1 { "1 tool".to_owned() } else { format!("{} tools", it.tools) };
            let signed = match it.signed.as_slice() {
                [] => String::new(),
                names => format!(", with a signer in Rust for {}", names.join(" and ")),
            };
            let _ = writeln!(text, "  {:width$}  for {tools}{signed}", names(it));
        }
        if alternatives.len() > MAX_SHOWN {
            let _ = writeln!(
                text,
                "  and {} more, which `auth status --json` lists",
                alternatives.len() - MAX_SHOWN
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Connector, Group, Need, Tool};

    static BOTH: Tool = Tool::interpreted("both", "GET", "/a", &[]).security(&[
        &[Need::scheme("login"), Need::scheme("shop")],
        &[Need::scheme("shop"), Need::scheme("token")],
    ]);
    static ONE: Tool = Tool::interpreted("one", "GET", "/b", &[]).security(&[
        &[Need::scheme("token").scopes(&["read"])],
        &[Need::scheme("token").scopes(&["write"])],
        &[],
    ]);
    static TWO: Tool = Tool::interpreted("two", "GET", "/c", &[]).security(&[&[Need::scheme("token")]]);
    static SHOP: Connector = Connector::new("shop").groups(&[Group::new("all", &[&BOTH, &ONE, &TWO])]);
    static PLAIN: Connector = Connector::new("plain").groups(&[Group::new("all", &[&TWO])]);

    #[test]
    fn each_way_to_authenticate_is_listed_once_with_its_number_of_tools() {
        let all = Alternative::all(&SHOP);
        let mut text = String::new();
        Alternative::print(&all, &mut text);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "  token         for 2 tools",
                "  none          for 1 tool",
                "  login + shop  for 1 tool",
                "  shop + token  for 1 tool"
            ]
        );
        assert_eq!(
            Alternative::json_of(&all, "login"),
            json!([{ "schemes": ["login", "shop"], "tools": 1 }])
        );
        let mut text = String::new();
        Alternative::print(&Alternative::all(&PLAIN), &mut text);
        assert_eq!(text, "", "a single scheme is not listed, because there is no choice");
    }
}
