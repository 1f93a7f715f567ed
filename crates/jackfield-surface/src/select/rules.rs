//! Decides which rule of a table in connector.toml applies to which tool.

use super::selector::{Facts, Selector, Specificity};

/// The rules of a table in the order of connector.toml, each with its selector.
pub type Rules<T> = Vec<(Selector, T)>;

/// The tables whose keys select tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// `[rename]`
    Rename,
    /// `[effect]`
    Effect,
    /// `[describe]`
    Describe,
    /// `[retitle]`
    Retitle,
    /// `[ask]`
    Ask,
    /// `[rate]`
    Rate,
    /// `[replies]`
    Replies,
    /// `[arguments]`
    Arguments,
    /// `[resources]`
    Resources,
    /// `[cache]`
    Cache,
    /// `[jobs]`
    Jobs,
    /// `promote`, which is a list
    Promote,
}

impl Table {
    /// Returns the name of the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Effect => "effect",
            Self::Describe => "describe",
            Self::Retitle => "retitle",
            Self::Ask => "ask",
            Self::Rate => "rate",
            Self::Replies => "replies",
            Self::Arguments => "arguments",
            Self::Resources => "resources",
            Self::Cache => "cache",
            Self::Jobs => "jobs",
            Self::Promote => "promote",
        }
    }
}

/// A rule that cannot apply. Rules are identified by their index in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleFault {
    /// The selector chooses no tool.
    Unmatched(usize),
    /// Two selectors that are equally specific choose one tool.
    Ambiguous {
        /// The later rule.
        rule: usize,
        /// The earlier rule.
        other: usize,
        /// The tool, by its index.
        tool: usize,
    },
    /// A more specific rule applies to every tool that the selector chooses.
    Overridden(usize),
    /// The rule sets only values that the tools have without it.
    Unchanged(usize),
    /// The rule would give one name to several tools.
    Several {
        /// The rule.
        rule: usize,
        /// The number of tools.
        tools: usize,
    },
}

impl RuleFault {
    /// Returns the rule that cannot apply.
    pub const fn rule(&self) -> usize {
        match self {
            Self::Unmatched(rule) | Self::Overridden(rule) | Self::Unchanged(rule) => *rule,
            Self::Ambiguous { rule, .. } | Self::Several { rule, .. } => *rule,
        }
    }
}

/// The rule for each tool, and the rules that cannot apply.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// For each tool, the index of its rule.
    pub rules: Vec<Option<usize>>,
    /// The rules that cannot apply.
    pub faults: Vec<RuleFault>,
}

impl Resolved {
    /// Returns the tools to which the rule applies.
    pub fn tools(&self, rule: usize) -> impl Iterator<Item = usize> + '_ {
        self.rules.iter().enumerate().filter(move |(_, own)| **own == Some(rule)).map(|(tool, _)| tool)
    }
}

/// Finds the rule for each tool: the one with the most specific selector.
pub fn resolve<'s>(selectors: impl Iterator<Item = &'s Selector>, tools: &[Facts<'_>]) -> Resolved {
    let mut best: Vec<Option<(Specificity, usize)>> = vec![None; tools.len()];
    let mut chosen = Vec::new();
    let mut clashes: Vec<(Specificity, RuleFault)> = Vec::new();
    for (rule, selector) in selectors.enumerate() {
        let matched = selector.chosen(tools);
        for (tool, specificity) in &matched {
            match best[*tool] {
                Some((known, _)) if known < *specificity => {}
                Some((known, other)) if known == *specificity => {
                    clashes.push((known, RuleFault::Ambiguous { rule, other, tool: *tool }));
                }
                _ => best[*tool] = Some((*specificity, rule)),
            }
        }
        chosen.push(matched);
    }
    let rules: Vec<Option<usize>> = best.iter().map(|best| best.map(|(_, rule)| rule)).collect();
    // Two rules do not clash if a more specific one applies.
    let is_open = |(specificity, fault): &(Specificity, RuleFault)| match fault {
        RuleFault::Ambiguous { tool, .. } => best[*tool].is_some_and(|(best, _)| best == *specificity),
        _ => true,
    };
    let mut faults: Vec<RuleFault> = Vec::new();
    for (_, fault) in clashes.into_iter().filter(is_open) {
        let is_known = |known: &RuleFault| {
            let pair = |fault: &RuleFault| match fault {
                RuleFault::Ambiguous { rule, other, .. } => Some((*rule, *other)),
                _ => None,
            };
            pair(known) == pair(&fault)
        };
        if !faults.iter().any(is_known) {
            faults.push(fault);
        }
    }
    for (rule, matched) in chosen.iter().enumerate() {
        let is_faulty = faults.iter().any(|fault| fault.rule() == rule);
        if matched.is_empty() {
            faults.push(RuleFault::Unmatched(rule));
        } else if !is_faulty && !rules.contains(&Some(rule)) {
            faults.push(RuleFault::Overridden(rule));
        }
    }
    Resolved { rules, faults }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool<'f>(name: &'f str, id: &'f str, path: &'f str, tag: &'f str) -> Facts<'f> {
        Facts {
            method: "GET",
            path,
            id: Some(id),
            tags: vec![tag],
            tool: Some(name),
            merged: None,
            effect: None,
            is_hidden: false,
        }
    }

    fn resolved(selectors: &[&str]) -> Resolved {
        let tools = [
            tool("list_books", "listBooks", "/books", "books"),
            tool("get_book", "getBook", "/books/{id}", "books"),
            tool("getBook", "other", "/other", "others"),
        ];
        let selectors: Vec<Selector> = selectors.iter().map(|text| Selector::parse(text).unwrap()).collect();
        resolve(selectors.iter(), &tools)
    }

    #[test]
    fn most_specific_rule_applies_to_each_tool() {
        for (selectors, expected) in [
            (&["*", "tag:books", "get_book"][..], [Some(1), Some(2), Some(0)]),
            (&["get_book", "tag:books", "*"], [Some(1), Some(0), Some(2)]),
            (
                &["/books", "list*", "GET /books", "listBooks", "list_books", "!tag:books"],
                [Some(2), None, Some(5)],
            ),
            (&["id:getBook", "getBook"], [None, Some(0), Some(1)]),
            (&["method:GET", "!tool:list_books"], [Some(0), Some(0), Some(0)]),
        ] {
            assert_eq!(resolved(selectors).rules, expected, "{selectors:?}");
        }
    }

    #[test]
    fn rule_that_cannot_apply_is_reported() {
        assert_eq!(resolved(&["tag:films"]).faults, [RuleFault::Unmatched(0)]);
        assert_eq!(resolved(&["get_book", "id:getBook"]).faults, [RuleFault::Overridden(1)]);
        let clash = RuleFault::Ambiguous { rule: 1, other: 0, tool: 0 };
        assert_eq!(resolved(&["list*", "*Books"]).faults, [clash]);
        assert_eq!(
            resolved(&["list*", "*Books", "list_books"]).faults,
            [RuleFault::Overridden(0), RuleFault::Overridden(1)]
        );
    }
}
