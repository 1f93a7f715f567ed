//! The state of lowering, which all parts of lowering share.

use std::collections::BTreeSet;

use jackfield_model::{Code, Diagnostic, Place, Scheme};

use super::auth::Security;
use super::choices::MatchedKeys;
use super::private::Private;
use super::schema::Lifter;
use crate::dialect::Dialect;
use crate::document::Document;

/// The state of lowering.
pub(crate) struct Context<'d> {
    pub(crate) document: &'d Document,
    pub(crate) dialect: Dialect,
    /// The URL at which the document is published.
    pub(crate) origin: Option<String>,
    /// Decides which private addresses are reported.
    pub(crate) private: Private,
    pub(crate) lifter: Lifter<'d>,
    pub(crate) schemes: Vec<Scheme>,
    /// The requirements of operations.
    pub(crate) security: Security,
    /// The keys of choices that have matched an operation with a body so far.
    pub(crate) matched: MatchedKeys,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The findings so far, so that a problem in a shared part is reported once.
    known: BTreeSet<(Code, Option<Place>, String)>,
}

impl<'d> Context<'d> {
    /// Creates a context without schemes and requirements, which are parsed before the first operation.
    pub(crate) fn new(document: &'d Document, origin: Option<String>, private: Private) -> Self {
        let dialect = document.dialect();
        Self {
            document,
            dialect,
            origin,
            private,
            lifter: Lifter::new(document, dialect),
            schemes: Vec::new(),
            security: Security::default(),
            matched: MatchedKeys::default(),
            diagnostics: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    /// Removes the findings from index `start` on that have been reported before.
    pub(crate) fn forget_repeated(&mut self, start: usize) {
        for finding in self.diagnostics.split_off(start) {
            let key = (finding.code, finding.place.clone(), finding.problem.clone());
            if self.known.insert(key) {
                self.diagnostics.push(finding);
            }
        }
    }
}
