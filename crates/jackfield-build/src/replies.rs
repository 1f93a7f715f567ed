//! Applies `[replies]` of connector.toml to tools.

use std::sync::OnceLock;

use jackfield_model::text::toml_key;
use jackfield_model::{Arg, ArgName, Connector, Diagnostic, Operation, ReplyRule, ToolName};
use jackfield_surface::{Resolved, Table};

use crate::manifest::{Manifest, Refusal, ReplyChoice, Span};
use crate::named_tools::NamedTools;

/// Compiles a `jq` filter, and returns why it cannot be compiled.
pub type JqCheck = fn(&str) -> Result<(), String>;

static JQ_CHECK: OnceLock<JqCheck> = OnceLock::new();

/// Sets the check of `jq` filters in connector.toml. Without a check, an invalid filter is reported only when its tool is called. If this
/// function is called again, the first check stays.
pub fn check_jq_with(check: JqCheck) {
    _ = JQ_CHECK.set(check);
}

/// Sets the rules for replies, and adds the argument with which calls select the parts of their replies. Returns findings
/// about the rules.
pub(crate) fn apply(tools: &mut NamedTools<'_>) -> Vec<Diagnostic> {
    let manifest = tools.manifest;
    let choices = &manifest.replies;
    if choices.iter().next().is_none() {
        return Vec::new();
    }
    let resolved = tools.resolve(Table::Replies, &choices.of);
    let NamedTools { connector, names, .. } = tools;
    let own = Own { manifest, resolved };
    let mut errors = Vec::new();
    let mut rules: Vec<ReplyRule> = choices.all.iter().filter_map(|choice| row(None, choice)).collect();
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (at, (operation, name)) in operations.zip(names.iter()).enumerate() {
        add_fields(operation, own.of(at), choices.all.as_ref());
        let Some(choice) = own.of(at) else { continue };
        if choice.jq.is_some() {
            operation.output = None;
        }
        rules.extend(row(Some(name.name.clone()), choice));
    }
    for (rule, (key, _, choice)) in choices.of.iter().enumerate() {
        errors.extend(check_program(manifest, key, choice));
        if let Some((_, span)) = &choice.all_pages {
            errors.extend(check_pages(manifest, key, span, &own, rule, connector));
        }
    }
    connector.replies = rules;
    errors
}

/// The rule of each tool, apart from the rule for all tools.
struct Own<'m> {
    manifest: &'m Manifest,
    resolved: Resolved,
}

impl Own<'_> {
    fn of(&self, tool: usize) -> Option<&ReplyChoice> {
        self.resolved.rules[tool].map(|rule| &self.manifest.replies.of.rules[rule].1)
    }
}

fn check_program(manifest: &Manifest, key: &str, choice: &ReplyChoice) -> Option<Diagnostic> {
    let (program, span) = choice.jq.as_ref()?;
    let why = JQ_CHECK.get()?(program).err()?;
    let problem = format!("`jq` in [replies.{}] cannot be compiled: {why}", toml_key(key));
    let help = "write a filter such as `.items[] | {id, name}`";
    Some(manifest.refuse(Refusal::new(span.clone(), problem, help)))
}

/// Returns a finding if no tool of the rule has pagination.
fn check_pages(
    manifest: &Manifest,
    key: &str,
    span: &Span,
    own: &Own<'_>,
    rule: usize,
    connector: &Connector,
) -> Option<Diagnostic> {
    let operations: Vec<&Operation> = connector.operations().collect();
    let mut tools = own.resolved.tools(rule).peekable();
    tools.peek()?;
    if tools.any(|tool| operations[tool].paging.is_some()) {
        return None;
    }
    let problem = format!(
        "`all_pages` in [replies.{}] has no effect: no pagination was detected in this tool",
        toml_key(key)
    );
    let help = "remove `all_pages`; it needs a tool with an argument or a reply that leads to the next page";
    Some(manifest.refuse(Refusal::new(span.clone(), problem, help)))
}

/// Converts a rule to a table entry. Returns `None` if the rule only adds an argument.
fn row(tool: Option<ToolName>, choice: &ReplyChoice) -> Option<ReplyRule> {
    let is_row = !choice.redact.is_empty()
        || !choice.keep.is_empty()
        || !choice.drop.is_empty()
        || choice.items.is_some()
        || choice.bytes.is_some()
        || choice.all_pages.is_some()
        || choice.jq.is_some();
    is_row.then(|| ReplyRule {
        tool,
        redact: choice.redact.clone(),
        keep: choice.keep.clone(),
        drop: choice.drop.clone(),
        items: choice.items,
        bytes: choice.bytes,
        all_pages: choice.all_pages.as_ref().map(|(pages, _)| *pages),
        jq: choice.jq.as_ref().map(|(program, _)| program.clone()),
    })
}

fn add_fields(operation: &mut Operation, own: Option<&ReplyChoice>, all: Option<&ReplyChoice>) {
    let fields = own.and_then(|choice| choice.fields).or(all.and_then(|choice| choice.fields));
    if fields != Some(true) {
        return;
    }
    let Some(argument) = free_name(&operation.args) else { return };
    operation.args.push(Arg::of_reply_fields(argument.clone()));
    operation.reply_fields = Some(argument);
}

/// Returns an argument name that is not in use.
fn free_name(args: &[Arg]) -> Option<ArgName> {
    let candidates = ["fields".to_owned(), "reply_fields".to_owned()];
    let numbered = (2..).map(|number| format!("reply_fields_{number}"));
    let mut free = candidates
        .into_iter()
        .chain(numbered)
        .filter(|name| !args.iter().any(|arg| arg.name.as_str().eq_ignore_ascii_case(name)));
    free.find_map(|name| ArgName::new(name).ok())
}
