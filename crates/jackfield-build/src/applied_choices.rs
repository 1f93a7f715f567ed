//! The lines of connector.toml that apply to each tool. Commands show where a property of a tool comes from.

use std::collections::BTreeMap;

use jackfield_model::{Connector, ToolName};
use jackfield_surface::{ChosenName, Facts, resolve, tool_facts};

use crate::manifest::{Manifest, RuleTable, Span};

/// A line of connector.toml that applies to a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedChoice {
    /// The name of the table.
    pub table: &'static str,
    /// The key: a selector.
    pub key: String,
    /// The position of the key.
    pub line: String,
}

/// The choices for each tool, in the order of connector.toml. Tools without choices are left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppliedChoices {
    of_tools: BTreeMap<ToolName, Vec<AppliedChoice>>,
    /// The tables about merged tools. They are stored separately, because a merged tool may have the name of one of its operations.
    of_merges: BTreeMap<ToolName, Vec<AppliedChoice>>,
}

impl AppliedChoices {
    /// Finds the lines of connector.toml that apply to each tool. `effects` contains the index of each tool's rule in `[effect]`. The index
    /// cannot be computed here: a selector may match tools by effect, and the rules have already changed the effects.
    pub(crate) fn of(
        manifest: &Manifest,
        connector: &Connector,
        names: &[ChosenName],
        effects: &[Option<usize>],
    ) -> Self {
        let facts = tool_facts(connector, names);
        let mut found = Found { manifest, choices: vec![Vec::new(); names.len()] };
        // The new name finds the tool. The selector might not, because it may contain the old name.
        for (key, span, to) in manifest.renames.iter() {
            let renamed = names.iter().position(|chosen| chosen.is_renamed && chosen.name == *to);
            found.add("rename", key, span, renamed);
        }
        found.apply("effect", &manifest.effects, effects);
        // These tables are about single operations, so the name of a merged tool matches nothing in them.
        let single: Vec<Facts<'_>> = facts.iter().map(Facts::single).collect();
        found.resolve("describe", &manifest.descriptions, &single);
        found.resolve("retitle", &manifest.titles, &single);
        found.resolve("ask", &manifest.asks, &facts);
        found.resolve("rate", &manifest.rates.of, &facts);
        found.resolve("replies", &manifest.replies.of, &facts);
        found.resolve("cache", &manifest.caches, &facts);
        found.resolve("jobs", &manifest.jobs, &facts);
        found.resolve("media", &manifest.media, &single);
        found.resolve("form", &manifest.forms.operations, &single);
        found.resolve("body", &manifest.whole_bodies, &single);
        let mut resources = resolve(manifest.contents.resources.selectors(), &facts).rules;
        // A selector that matches several tools applies to the tools that can be resources.
        for (rule, operation) in resources.iter_mut().zip(connector.operations()) {
            *rule = rule.filter(|_| operation.resource.is_some());
        }
        found.apply("resources", &manifest.contents.resources, &resources);
        // The rules of all tables that match a tool apply to its arguments.
        let tables = manifest.arguments.tables.selectors().zip(&manifest.arguments.tables.spans);
        for (selector, span) in tables {
            let tools = selector.chosen(&facts).into_iter().map(|(tool, _)| tool);
            found.add("arguments", selector.as_str(), span, tools);
        }
        let of_tools = found.choices.into_iter().zip(names).filter(|(choices, _)| !choices.is_empty());
        let of_tools = of_tools.map(|(choices, chosen)| (chosen.name.clone(), in_order(choices))).collect();
        let merges = manifest.merges.choices.iter().zip(&manifest.merges.spans);
        let of_merges = merges.map(|(choice, (span, _))| {
            let line = manifest.place(span.clone()).file.to_string();
            let table = AppliedChoice { table: "merge", key: choice.name.to_string(), line };
            (choice.name.clone(), vec![table])
        });
        Self { of_tools, of_merges: of_merges.collect() }
    }

    /// Returns the choices about a tool.
    pub(crate) fn about(&self, tool: &ToolName) -> &[AppliedChoice] {
        self.of_tools.get(tool).map_or(&[], Vec::as_slice)
    }

    /// Returns the table about a merged tool.
    pub(crate) fn of_merge(&self, name: &ToolName) -> &[AppliedChoice] {
        self.of_merges.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The choices for each tool, with the offsets of their keys.
struct Found<'m> {
    manifest: &'m Manifest,
    choices: Vec<Vec<(usize, AppliedChoice)>>,
}

impl Found<'_> {
    fn add(&mut self, table: &'static str, key: &str, span: &Span, tools: impl IntoIterator<Item = usize>) {
        for tool in tools {
            let line = self.manifest.place(span.clone()).file.to_string();
            self.choices[tool].push((span.start, AppliedChoice { table, key: key.to_owned(), line }));
        }
    }

    /// Adds the rule of a table for each tool.
    fn apply<T>(&mut self, table: &'static str, rules: &RuleTable<T>, of_tools: &[Option<usize>]) {
        for (rule, (key, span, _)) in rules.iter().enumerate() {
            let tools = of_tools.iter().enumerate().filter(|(_, own)| **own == Some(rule));
            self.add(table, key, span, tools.map(|(tool, _)| tool));
        }
    }

    /// Adds the most specific rule of a table for each tool.
    fn resolve<T>(&mut self, table: &'static str, rules: &RuleTable<T>, facts: &[Facts<'_>]) {
        if !rules.is_empty() {
            self.apply(table, rules, &resolve(rules.selectors(), facts).rules);
        }
    }
}

fn in_order(mut choices: Vec<(usize, AppliedChoice)>) -> Vec<AppliedChoice> {
    choices.sort_by_key(|(at, _)| *at);
    choices.into_iter().map(|(_, choice)| choice).collect()
}
