//! OpenAPI Overlays: repairs of a document in a file of their own, made before anything else looks at the document.
//!
//! The root file is changed and no other. Places stay pointers into what was written: a node that an overlay adds is
//! shown at its nearest ancestor in the root file, and what is wrong with an overlay is shown in the overlay.

mod action;
mod merge;
mod query;

#[cfg(test)]
mod tests;

use jackfield_model::{Code, Diagnostic, Place, Pointer};
use serde_json::Value;

use self::action::{Action, Change, Expression, Overlay};
use self::query::TooMuch;
use crate::document::kind_of;
use crate::source::{self, Limits, Parsed, Source};

/// How often one expression may look at each value that a document may have.
const LOOKS: u64 = 4;

/// Applies overlays, each a name and its bytes, to a document in their order. Gives back their texts, for showing
/// lines of them.
///
/// Every action that cannot be carried out is told, not only the first. Actions are carried out only once all overlays
/// are understood.
pub(crate) fn apply(
    document: &mut Parsed,
    overlays: &[(String, Vec<u8>)],
    limits: &Limits,
) -> Result<Vec<Source>, Vec<Diagnostic>> {
    let mut understood = Vec::new();
    let mut refused = Vec::new();
    for (name, bytes) in overlays {
        match source::parse(name, bytes, limits) {
            Ok(parsed) => {
                document.findings.extend(parsed.findings);
                let overlay = Overlay::parse(&parsed.source, &parsed.root, &mut refused);
                understood.push((parsed.source, overlay));
            }
            Err(finding) => refused.push(*finding),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut sources = Vec::new();
    let mut work = Work::on(&mut document.root, limits);
    for (source, overlay) in understood {
        for action in &overlay.actions {
            if let Err(finding) = work.carry_out(action, overlay.replaces_primitives) {
                refused.push(*finding);
            }
        }
        sources.push(source);
    }
    if refused.is_empty() { Ok(sources) } else { Err(refused) }
}

/// A document under change.
struct Work<'d> {
    root: &'d mut Value,
    limits: &'d Limits,
    /// No fewer values than the document has.
    nodes: usize,
}

impl<'d> Work<'d> {
    fn on(root: &'d mut Value, limits: &'d Limits) -> Self {
        let nodes = merge::nodes(root);
        Self { root, limits, nodes }
    }

    fn carry_out(&mut self, action: &Action, replaces_primitives: bool) -> Result<(), Box<Diagnostic>> {
        let places = self.select(&action.target)?;
        match &action.change {
            Change::Remove => {
                if places.iter().any(|place| *place == Pointer::root()) {
                    return Err(malformed(
                        action.target.place.clone(),
                        "the whole document cannot be removed",
                        "select the parts that are to go",
                    ));
                }
                // From the back, so that what is still to go keeps its index.
                places.iter().rev().for_each(|place| merge::remove(self.root, place));
                Ok(())
            }
            Change::Update(update, place) => self.update(action, &places, update, place, replaces_primitives),
            Change::Copy(from) => {
                let found = self.select(from)?;
                let [only] = &found[..] else {
                    return Err(malformed(
                        from.place.clone(),
                        format!("`{}` selects {} values, and one can be copied", from.text, found.len()),
                        "select a single value",
                    ));
                };
                let copy = self.root.pointer(only.as_str()).cloned().unwrap_or_default();
                self.update(action, &places, &copy, &from.place, replaces_primitives)
            }
        }
    }

    /// What an expression selects: something, always.
    fn select(&self, expression: &Expression) -> Result<Vec<Pointer>, Box<Diagnostic>> {
        let Expression { text, query, place } = expression;
        let effort = (self.limits.nodes as u64).saturating_mul(LOOKS);
        match query.select(self.root, effort) {
            Err(TooMuch) => Err(Box::new(
                Diagnostic::error(
                    Code::Limit,
                    Some(place.clone()),
                    format!("`{text}` looks at more than {effort} values"),
                )
                .so("nothing was generated")
                .help("write more of the path, and fewer `..` within each other"),
            )),
            Ok(places) if places.is_empty() => {
                let reach = query.reach(text, self.root, effort);
                Err(Box::new(
                    Diagnostic::error(
                        Code::OverlayUnmatched,
                        Some(place.clone()),
                        format!("`{text}` selects nothing; `{reach}` is as far as it leads"),
                    )
                    .so("nothing was generated: an action without effect is a mistake")
                    .help("correct the path, or remove the action if the document was repaired"),
                ))
            }
            Ok(places) => Ok(places),
        }
    }

    fn update(
        &mut self,
        action: &Action,
        places: &[Pointer],
        update: &Value,
        place: &Place,
        replaces_primitives: bool,
    ) -> Result<(), Box<Diagnostic>> {
        self.stays_within_limits(places, update, place)?;
        // From the back here too: what lies within another selected value is changed before that one is.
        for at in places.iter().rev() {
            let Some(target) = self.root.pointer_mut(at.as_str()) else { continue };
            if !target.is_object() && !target.is_array() && !replaces_primitives {
                return Err(malformed(
                    action.target.place.clone(),
                    format!(
                        "`{}` selects {} at {at}, and Overlay 1.0 updates mappings and lists alone",
                        action.target.text,
                        kind_of(target)
                    ),
                    "select the mapping around it, and give the key with its new value in `update`; \
                     or write `overlay: 1.1.0`",
                ));
            }
            merge::update(target, update).map_err(|clash| {
                let within = clash.path.iter().rev().fold(Pointer::root(), |path, key| path.child(key));
                let there = format!("{}{}", at.as_str(), within.as_str());
                // What is copied stands in the document, so its inner keys have no place in the overlay.
                let place = match action.change {
                    Change::Copy(_) => place.clone(),
                    _ => clash.path.iter().rev().fold(place.clone(), |place, key| place.child(key)),
                };
                malformed(
                    place,
                    format!(
                        "the document has {} at {}, which cannot be joined with {}",
                        clash.there,
                        Pointer::from_escaped(there),
                        clash.here
                    ),
                    "give the same kind of value, or remove the old one by an action before this one",
                )
            })?;
        }
        Ok(())
    }

    /// Whether the document stays one that could have been read: a few actions can double it as many times.
    fn stays_within_limits(
        &mut self,
        places: &[Pointer],
        update: &Value,
        place: &Place,
    ) -> Result<(), Box<Diagnostic>> {
        let refuse = |problem: String| {
            Box::new(
                Diagnostic::error(Code::Limit, Some(place.clone()), problem)
                    .so("nothing was generated")
                    .help("add less, or to fewer places"),
            )
        };
        self.nodes = self.nodes.saturating_add(merge::nodes(update).saturating_mul(places.len()));
        if self.nodes > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err(refuse(format!("the document grows beyond {limit} values: the limit `nodes`")));
        }
        let deepest = places.iter().map(|at| at.as_str().matches('/').count()).max().unwrap_or(0);
        if deepest + merge::depth(update) > self.limits.deepest() {
            let limit = self.limits.deepest();
            return Err(refuse(format!("the document grows beyond {limit} levels: the limit `depth`")));
        }
        Ok(())
    }
}

/// A finding about what an overlay says.
fn malformed(place: Place, problem: impl Into<String>, remedy: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(Code::Overlay, Some(place), problem).so("nothing was generated").help(remedy))
}
