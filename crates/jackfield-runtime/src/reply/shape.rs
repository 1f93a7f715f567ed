//! Applies reply rules to JSON text: redacts, keeps and drops values, and shortens the rest.

use std::fmt::Write as _;

use jackfield_recipe::{ReplyPath, WalkedKind};

use super::cut::{Cut, CutUnit, Cutter};
use super::edits::{Edit, Edits};
use super::jq_error::JqError;
use super::rule::ReplyRule;
use super::tape::Tape;
use super::walk::{change, keep};
use crate::call::rows::Tool;
use crate::common::text::excerpt;

/// The maximum number of shortened values that a note names.
const NAMED: usize = 3;

/// The maximum number of members that a note about missing paths names.
const SHOWN_MEMBERS: usize = 20;

/// The rule for a reply, with the facts that notes about it need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shaping<'a> {
    pub(crate) tool: &'a Tool<'a>,
    pub(crate) rule: &'a ReplyRule,
    /// The fields of the reply that the call selects.
    pub(crate) fields: Option<&'a [ReplyPath]>,
    /// Whether the result also says how to get the next page.
    pub(crate) has_page: bool,
}

/// Text to which a rule was applied.
#[derive(Debug)]
pub(super) struct Shaped {
    pub(super) text: String,
    pub(super) notes: Vec<String>,
}

impl Shaping<'_> {
    /// Whether compact JSON text need not be changed.
    pub(super) const fn is_fit(&self, text: &str) -> bool {
        text.len() <= self.rule.bytes && self.is_usual()
    }

    /// Whether only the size of the reply is limited.
    pub(super) const fn is_usual(&self) -> bool {
        self.rule.is_usual() && self.fields.is_none()
    }

    /// Applies the rule to compact JSON text. `None` if it is not JSON, or cannot be shortened to the limit.
    ///
    /// # Errors
    /// Returns the reason if the jq program of the rule fails.
    pub(super) fn fit(&self, text: &str) -> Option<Result<Shaped, JqError>> {
        let tape = Tape::parse(text)?;
        let (mut edits, rule) = (self.selected(&tape), self.rule);
        if let Some(program) = &rule.jq {
            let computed = match &**program {
                Ok(program) => program.run(&printed(&tape, &edits))?,
                Err(why) => Err(why.clone()),
            };
            let text = match computed {
                Ok(text) => text,
                Err(why) => return Some(Err(why)),
            };
            return self.limit(&Tape::parse(&text)?, Edits::default()).map(Ok);
        }
        let unmatched = self.fields.and_then(|fields| choose(&tape, fields, self.tool.fields, &mut edits));
        let mut shaped = self.limit(&tape, edits)?;
        shaped.notes.extend(unmatched);
        Some(Ok(shaped))
    }

    /// Shortens the text to the limits of items and bytes.
    fn limit(&self, tape: &Tape<'_>, mut edits: Edits) -> Option<Shaped> {
        let mut cutter = Cutter::new(tape, &mut edits);
        if let Some(items) = self.rule.items {
            cutter.limit_items(items);
        }
        let by_items = !cutter.cuts.is_empty();
        let before = cutter.cuts.clone();
        if cutter.limit_bytes(self.rule.bytes) > self.rule.bytes {
            return None;
        }
        let by_bytes = cutter.cuts != before;
        let cuts: Vec<Cut> = cutter.cuts.into_values().collect();
        let text = printed(tape, &edits);
        let notes = (!cuts.is_empty()).then(|| self.note(&cuts, by_items, by_bytes)).into_iter().collect();
        Some(Shaped { text, notes })
    }

    /// Returns the redacted text of an error body. `None` if it is not JSON.
    pub(super) fn redact(&self, text: &str) -> Option<String> {
        let tape = Tape::parse(text)?;
        let mut edits = Edits::default();
        change(&tape, &self.rule.redact, &Edit::Redact, &mut edits);
        let mut text = String::with_capacity(text.len());
        edits.print(&tape, Tape::ROOT, &mut text);
        Some(text)
    }

    /// Returns a note that names what was shortened, and how to get the rest.
    fn note(&self, cuts: &[Cut], by_items: bool, by_bytes: bool) -> String {
        let mut note = match by_bytes {
            true => format!("Shortened to {} bytes:", self.rule.bytes),
            false => "Shortened:".to_owned(),
        };
        for (at, cut) in cuts.iter().take(NAMED).enumerate() {
            let Cut { path, kept, of, unit } = cut;
            let unit = match unit {
                CutUnit::Items => "items",
                CutUnit::Members => "members",
                CutUnit::Bytes => "bytes",
            };
            _ = write!(note, "{} `{path}` has {kept} of {of} {unit}", if at > 0 { "," } else { "" });
        }
        match cuts.len().saturating_sub(NAMED) {
            0 => {}
            1 => note.push_str(", and one more value is shortened"),
            more => _ = write!(note, ", and {more} more values are shortened"),
        }
        note.push_str(". ");
        note.push_str(&self.remedy(cuts.iter().any(|cut| cut.unit == CutUnit::Items), by_items, by_bytes));
        note
    }

    /// Returns how to get the rest, in one sentence.
    pub(super) fn remedy(&self, is_list: bool, by_items: bool, by_bytes: bool) -> String {
        let paging = if is_list { self.paging() } else { Vec::new() };
        let mut ways = Vec::new();
        if !paging.is_empty() {
            ways.push(format!("call again with {}", paging.join(" and ")));
        }
        if !self.tool.fields.is_empty() {
            ways.push(format!("choose parts of the reply with `{}`", self.tool.fields));
        }
        let keys: Vec<&str> = [(by_items, "`items`"), (by_bytes, "`bytes`")]
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, key)| *key)
            .collect();
        let key = keys.join(" and ");
        ways.push(format!("the user can raise {key} in `[replies.{}]` of connector.toml", self.tool.name));
        format!("For the rest, {}.", ways.join("; or "))
    }

    /// Returns the arguments for pagination.
    fn paging(&self) -> Vec<String> {
        let Some(paging) = &self.tool.paging else { return Vec::new() };
        let of_address = paging.in_address.iter().map(|(_, argument)| *argument);
        let mut names: Vec<&str> = [paging.size, paging.position].into_iter().chain(of_address).collect();
        names.retain(|name| !name.is_empty());
        names.dedup();
        names.iter().take(3).map(|name| format!("`{name}`")).collect()
    }

    /// Redacts, keeps and drops values of the text as the rule says. `None` if the text is not JSON.
    pub(crate) fn strip(&self, text: &str) -> Option<String> {
        let tape = Tape::parse(text)?;
        Some(printed(&tape, &self.selected(&tape)))
    }

    /// Returns the changes for the values that the rule redacts, keeps or drops.
    fn selected(&self, tape: &Tape<'_>) -> Edits {
        let (mut edits, rule) = (Edits::default(), self.rule);
        change(tape, &rule.redact, &Edit::Redact, &mut edits);
        if !rule.keep.is_empty() {
            keep(tape, &rule.keep, &mut edits);
        }
        change(tape, &rule.drop, &Edit::Omit, &mut edits);
        edits
    }
}

/// Keeps the fields that a call selects. Returns a note about fields that the reply does not contain.
fn choose(tape: &Tape<'_>, fields: &[ReplyPath], argument: &str, edits: &mut Edits) -> Option<String> {
    let has = members(tape, edits);
    let found = keep(tape, fields, edits);
    let is_found = |at: usize| {
        found[at] || fields.iter().zip(&found).any(|(other, found)| *found && fields[at].is_within(other))
    };
    let missing: Vec<String> =
        (0..fields.len()).filter(|at| !is_found(*at)).map(|at| format!("`{}`", fields[at])).collect();
    if missing.is_empty() {
        return None;
    }
    let mut note = format!("The reply has nothing at {} of `{argument}`", missing.join(", "));
    if !has.is_empty() {
        _ = write!(note, "; it has {}", has.join(", "));
    }
    Some(note + ".")
}

/// Returns the names of the first members of a reply, or of the first item of an array.
fn members(tape: &Tape<'_>, edits: &Edits) -> Vec<String> {
    let mut node = Tape::ROOT;
    if tape.kind(node) == WalkedKind::List {
        node = edits.children(tape, node).next().map_or(node, |item| item.node);
    }
    if edits.hides(node) {
        return Vec::new();
    }
    let names = edits.children(tape, node).take(SHOWN_MEMBERS);
    names.filter_map(|child| Some(format!("`{}`", excerpt(&child.name()?, 60)))).collect()
}

/// Returns the text with the changes applied.
fn printed(tape: &Tape<'_>, edits: &Edits) -> String {
    if edits.is_omitted(Tape::ROOT) {
        return if tape.kind(Tape::ROOT) == WalkedKind::List { "[]" } else { "{}" }.to_owned();
    }
    let mut text = String::new();
    edits.print(tape, Tape::ROOT, &mut text);
    text
}
