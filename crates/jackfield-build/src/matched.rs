//! Which choices of connector.toml match an operation, and which match none.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Diagnostic;
use jackfield_openapi::{Candidate, FormObjects};

use crate::manifest::{Manifest, Table};
use crate::suggest::Seen;

/// Which choices have matched something so far.
#[derive(Default)]
pub(crate) struct Matched {
    choices: RefCell<BTreeSet<(bool, usize)>>,
    tables: RefCell<BTreeSet<(Table, String)>>,
    /// The keys of `[media]` that matched, each with the offered media types if its choice is not among them.
    media: RefCell<BTreeMap<String, Option<String>>>,
    /// The keys of `[form]` that matched.
    forms: RefCell<BTreeSet<String>>,
    /// The operations and tags that choices can name.
    seen: RefCell<Seen>,
}

impl Matched {
    pub(crate) fn select(&self, manifest: &Manifest, candidate: &Candidate<'_>) -> bool {
        if manifest.has_choices() {
            self.seen.borrow_mut().note(candidate);
        }
        let hits = |list: &[crate::select::Selector], include: bool| {
            let mut hit = false;
            for (at, selector) in list.iter().enumerate() {
                if selector.matches(candidate) {
                    self.choices.borrow_mut().insert((include, at));
                    hit = true;
                }
            }
            hit
        };
        let included = hits(&manifest.include, true) || manifest.include.is_empty();
        let excluded = hits(&manifest.exclude, false);
        let chosen = included && !excluded;
        if chosen {
            let route = format!("{} {}", candidate.method, candidate.path);
            for key in [Some(route.as_str()), candidate.id].into_iter().flatten() {
                for table in [Table::Rename, Table::Effect, Table::Describe] {
                    let slot = (table, key.to_owned());
                    if manifest.spans.contains_key(&slot) {
                        self.tables.borrow_mut().insert(slot);
                    }
                }
            }
        }
        chosen
    }

    /// The media type that the user chose for the body of an operation, the route before the operationId.
    pub(crate) fn media(
        &self,
        manifest: &Manifest,
        candidate: &Candidate<'_>,
        offered: &[&str],
    ) -> Option<String> {
        let route = format!("{} {}", candidate.method, candidate.path);
        let mut chosen = None;
        for key in [Some(route.as_str()), candidate.id].into_iter().flatten() {
            let Some((media_type, _)) = manifest.media.get(key) else { continue };
            let is_offered = offered.contains(&media_type.as_str());
            let missing = (!is_offered).then(|| offered.join("`, `"));
            self.media.borrow_mut().insert(key.to_owned(), missing);
            chosen = chosen.or_else(|| is_offered.then(|| media_type.clone()));
        }
        chosen
    }

    /// How objects in the form of an operation are written.
    pub(crate) fn form_objects(&self, manifest: &Manifest, candidate: &Candidate<'_>) -> FormObjects {
        manifest.forms.of(candidate, |key| {
            self.forms.borrow_mut().insert(key.to_owned());
        })
    }

    fn unmatched_forms(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let forms = self.forms.borrow();
        let unmatched = manifest.forms.keys().filter(|(key, _)| !forms.contains(*key));
        let finding = |(key, span): (&str, &std::ops::Range<usize>)| {
            let problem =
                format!("`{key}` in [form] matches no operation that becomes a tool and sends a form");
            manifest.unmatched(span.clone(), problem).help(self.seen.borrow().remedy(key))
        };
        unmatched.map(finding).collect()
    }

    fn unmatched_media(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let media = self.media.borrow();
        let problems = manifest.media.iter().filter_map(|(key, (media_type, span))| {
            let problem = match media.get(key) {
                Some(None) => return None,
                Some(Some(offered)) => {
                    format!("`{key}` in [media] does not take `{media_type}`, but `{offered}`")
                }
                None => format!("`{key}` in [media] matches no operation that becomes a tool and has a body"),
            };
            let finding = manifest.unmatched(span.clone(), problem);
            Some(match media.contains_key(key) {
                true => finding,
                false => finding.help(self.seen.borrow().remedy(key)),
            })
        });
        problems.collect()
    }

    pub(crate) fn unmatched(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let choices = self.choices.borrow();
        let tables = self.tables.borrow();
        let mut out = Vec::new();
        for (list, include, word) in
            [(&manifest.include, true, "include"), (&manifest.exclude, false, "exclude")]
        {
            for (at, selector) in list.iter().enumerate() {
                if !choices.contains(&(include, at)) {
                    let problem = format!("`{}` in {word} matches no operation", selector.text);
                    let remedy = self.seen.borrow().remedy(&selector.text);
                    out.push(manifest.unmatched(selector.span.clone(), problem).help(remedy));
                }
            }
        }
        for (slot, span) in &manifest.spans {
            if !tables.contains(slot) {
                let (table, key) = (slot.0.as_str(), &slot.1);
                let problem = format!("`{key}` in [{table}] matches no operation that becomes a tool");
                let remedy = self.seen.borrow().remedy(key);
                out.push(manifest.unmatched(span.clone(), problem).help(remedy));
            }
        }
        out.extend(self.unmatched_media(manifest));
        out.extend(self.unmatched_forms(manifest));
        let mut tools = BTreeMap::new();
        for (key, tool) in &manifest.renames {
            if let Some(other) = tools.insert(tool.as_str(), key) {
                let span = manifest.spans.get(&(Table::Rename, key.clone())).cloned().unwrap_or(0..0);
                out.push(
                    manifest.unmatched(span, format!("`{other}` and `{key}` are both renamed to `{tool}`")),
                );
            }
        }
        out
    }
}
