//! Writes the rights of one agent as rules in the format of `rights apply`.

use std::ops::Range;

use jackfield_runtime::{AttachedName, TargetKind};
use toml::de::{DeTable, DeValue};

use super::principal::AgentPrincipal;
use super::reader::{Placed, Reader, in_order};
use super::rights::AgentRights;

const RULE: &str = "write [[agents.NAME.rule]]";

/// Adds the rights of one agent to `rights`.
pub(super) struct AgentRules<'r, 't> {
    pub(super) reader: &'r Reader<'t>,
    pub(super) name: &'r str,
    pub(super) principal: &'r AgentPrincipal,
    /// The names of the agent's connectors.
    pub(super) attached: Vec<AttachedName>,
    /// Whether the agent may have neither `effects` nor rules.
    pub(super) may_be_empty: bool,
    pub(super) rights: &'r mut AgentRights,
}

impl AgentRules<'_, '_> {
    /// Adds the rules of an agent.
    pub(super) fn add(&mut self, table: &DeTable<'_>, offset: usize) {
        // A rule without patterns would apply to every connector.
        if self.attached.is_empty() {
            return;
        }
        if let Some(effects) = table.get("effects") {
            self.begin(&format!("agent {}", self.name), offset);
            self.copy("effects", effects);
            for key in ["tools", "resources", "prompts"] {
                self.write_patterns(key, &[], effects.span().start);
            }
        }
        let Some(rules) = table.get("rule") else {
            if !table.contains_key("effects") && !self.may_be_empty {
                let problem = format!(
                    "the agent `{}` has neither `effects` nor a rule, so it could use nothing",
                    self.name
                );
                let remedy = "write `effects = \"read\"`: the strongest effect of the tools that it may call";
                self.reader.refuse(offset, problem, remedy);
            }
            return;
        };
        let DeValue::Array(rules) = rules.get_ref() else {
            self.reader.refuse(rules.span().start, "`rule` is not an array of tables", RULE);
            return;
        };
        for (rule, number) in rules.iter().zip(1..) {
            if let Some(table) = self.reader.table(rule, RULE) {
                self.add_rule(table, number, rule.span().start);
            }
        }
    }

    /// Adds a rule. Its patterns may only match names of the agent's connectors.
    fn add_rule(&mut self, table: &DeTable<'_>, number: usize, offset: usize) {
        let first = table.keys().map(|key| key.span().start).min().unwrap_or(offset);
        for (key, remedy) in [
            ("principals", "remove it: the rule already applies to this agent only"),
            ("claims", "remove it: the `claims` of the agent apply to all of its rules"),
            ("tags", "name the tools: a gateway does not know the tags of a connector"),
        ] {
            if let Some(value) = table.get(key) {
                self.reader.refuse(
                    value.span().start,
                    format!("a rule of an agent cannot have `{key}`"),
                    remedy,
                );
                return;
            }
        }
        self.begin(&format!("agent {} rule {number}", self.name), first);
        let kinds = ["tools", "resources", "prompts"];
        let is_about_all = kinds.iter().all(|kind| !table.contains_key(*kind));
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "name" => {}
                kind if kinds.contains(&kind) => {
                    let remedy = "write names such as `time_*`; `!` begins an exception";
                    if let Some(patterns) = self.reader.texts(value, remedy) {
                        if patterns.is_empty() {
                            let problem =
                                format!("`{kind}` is an empty array, so the rule would match nothing");
                            let remedy = "name some, or remove the rule";
                            self.reader.refuse(value.span().start, problem, remedy);
                            continue;
                        }
                        self.write_patterns(kind, &patterns, value.span().start);
                    }
                }
                key => self.copy(&quoted(key), value),
            }
        }
        if is_about_all && table.contains_key("effects") {
            for kind in kinds {
                self.write_patterns(kind, &[], first);
            }
        }
    }

    fn begin(&mut self, name: &str, offset: usize) {
        let line = self.line(offset);
        self.rights.push("[[rule]]", line);
        self.rights.push(&format!("name = {}", quoted(name)), line);
        let principal = self.principal.to_string();
        self.rights.push(&format!("principals = [{}]", quoted(&principal)), line);
        for (claim, value) in self.principal.claims() {
            self.rights.push(&format!("claims.{} = {}", quoted(claim), quoted(value)), line);
        }
    }

    /// Copies a value as it is written in the file. The keys of tables become dotted keys.
    fn copy(&mut self, path: &str, value: &Placed<'_>) {
        if let DeValue::Table(table) = value.get_ref() {
            // Without a condition, the rule would apply to every call.
            if table.is_empty() {
                let problem = format!("`{}` has no condition", path.replace('"', ""));
                self.reader.refuse(value.span().start, problem, "write one, or remove it");
            }
            for (key, value) in table.iter() {
                self.copy(&format!("{path}.{}", quoted(key.get_ref())), value);
            }
            return;
        }
        let Range { start, end } = value.span();
        let written = self.reader.source.get(start..end).unwrap_or_default();
        let line = self.line(start);
        self.rights.push(&format!("{path} = {written}"), line);
    }

    /// Writes the patterns for `tools`, `resources` or `prompts`. Each pattern must begin with the prefix of one of the agent's connectors.
    /// Without patterns, or with exceptions alone, the rule applies to all of the agent's connectors.
    fn write_patterns(&mut self, kind: &str, patterns: &[(String, usize)], offset: usize) {
        let prefixes: Vec<String> = self.attached.iter().flat_map(|name| prefixes_of(kind, name)).collect();
        for (pattern, offset) in patterns.iter().filter(|(pattern, _)| !pattern.starts_with('!')) {
            if !prefixes.iter().any(|prefix| pattern.starts_with(prefix.as_str())) {
                let problem = format!("`{pattern}` matches no connector of the agent `{}`", self.name);
                self.reader.refuse(*offset, problem, format!("begin it with `{}`", prefixes.join("` or `")));
            }
        }
        let mut all: Vec<String> = patterns.iter().map(|(pattern, _)| pattern.clone()).collect();
        if all.iter().all(|pattern| pattern.starts_with('!')) {
            all.extend(prefixes.iter().map(|prefix| format!("{prefix}*")));
        }
        let all: Vec<String> = all.iter().map(|pattern| quoted(pattern)).collect();
        let line = self.line(offset);
        self.rights.push(&format!("{kind} = [{}]", all.join(", ")), line);
    }

    fn line(&self, offset: usize) -> usize {
        self.reader.source.get(..offset).unwrap_or_default().matches('\n').count() + 1
    }
}

/// Returns the prefixes of the names under which clients see a connector's tools, resources or prompts.
pub(crate) fn prefixes_of(kind: &str, connector: &AttachedName) -> Vec<String> {
    match kind {
        "resources" => ["", "ui://"].map(|own| connector.shown(TargetKind::Resource, own)).into(),
        _ => vec![connector.shown(TargetKind::Tool, "")],
    }
}

/// Writes a TOML string. The escapes of JSON strings are valid in TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
