//! Counts steps, and reports exceeded limits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jackfield_model::{Code, Diagnostic, Place};

/// The step budget of the smallest document.
const BASE: usize = 500_000;
/// The number of additional steps for each byte of the document. Real documents take at most a third of a
/// step for each byte, and most take a tenth.
const PER_BYTE: usize = 4;
/// The number of bytes that one step copies.
const BYTES: usize = 16;
/// The number of steps for an argument besides its schema: its name, and its step in the recipe.
pub(crate) const ARGUMENT: usize = 40;
/// The maximum number of schemas that one walk visits.
pub(crate) const LONGEST_WALK: usize = 1_000;

/// A limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Limit {
    /// One schema is composed of too many other schemas.
    Walk,
    /// The discriminators of one argument have too many values.
    Tags,
    /// One XML body has too many schemas.
    Xml,
    /// All schemas together take too many steps.
    Document,
}

/// The step budget of a document.
pub(crate) struct Budget {
    limit: usize,
    taken: AtomicUsize,
    /// The places of incomplete descriptions, each with the exceeded limit.
    exceeded: Mutex<BTreeMap<Place, Limit>>,
}

impl Budget {
    /// Creates the budget of a document with this number of bytes.
    pub(crate) const fn of(bytes: usize) -> Self {
        Self {
            limit: BASE.saturating_add(PER_BYTE.saturating_mul(bytes)),
            taken: AtomicUsize::new(0),
            exceeded: Mutex::new(BTreeMap::new()),
        }
    }

    /// Resets the budget, to lower the same document again.
    pub(crate) fn reset(&self) {
        self.taken.store(0, Ordering::Relaxed);
        self.exceeded.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Adds to the steps taken, without checking the limit.
    pub(crate) fn take(&self, steps: usize) {
        let taken = self.taken.load(Ordering::Relaxed);
        self.taken.store(taken.saturating_add(steps), Ordering::Relaxed);
    }

    /// Takes the steps for copying this number of bytes.
    pub(crate) fn copy(&self, bytes: usize) {
        self.take(1 + bytes / BYTES);
    }

    /// Takes the steps for copying this number of bytes, and returns whether steps for schemas are left.
    pub(crate) fn affords(&self, bytes: usize) -> bool {
        self.copy(bytes);
        self.has_schemas()
    }

    /// Returns the number of steps taken so far.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether steps for schemas are left.
    pub(crate) fn has_schemas(&self) -> bool {
        self.taken() < self.limit
    }

    /// Whether steps for operations are left. Operations have their own budget, so that large schemas do not
    /// cause operations to be left out.
    pub(crate) fn has_operations(&self) -> bool {
        self.taken() < self.limit.saturating_mul(2)
    }

    /// Records that the description at a place is incomplete.
    pub(crate) fn exceed(&self, place: Place, limit: Limit) {
        let mut exceeded = self.exceeded.lock().unwrap_or_else(PoisonError::into_inner);
        exceeded.entry(place).or_insert(limit);
    }

    /// Returns a finding for each incomplete place.
    pub(crate) fn findings(&self) -> Vec<Diagnostic> {
        let exceeded = self.exceeded.lock().unwrap_or_else(PoisonError::into_inner);
        let finding = |(place, limit): (&Place, &Limit)| {
            let problem = match limit {
                Limit::Walk => {
                    format!(
                        "this schema is composed of more than {LONGEST_WALK} other schemas, the limit for one schema"
                    )
                }
                Limit::Tags => {
                    format!(
                        "the discriminator has more than {LONGEST_WALK} values for its alternatives, the limit for one schema"
                    )
                }
                Limit::Xml => {
                    "the XML body is described by more than 20000 schemas, the limit for one body".to_owned()
                }
                Limit::Document => format!(
                    "reading the schemas that are used many times takes more than {} steps, the limit for a document of this size",
                    self.limit
                ),
            };
            Diagnostic::warning(Code::SchemaLimit, place.clone(), problem)
                .so("the tool accepts any value in the undescribed parts; the service validates them")
                .help(match limit {
                    Limit::Xml => "describe the body with fewer schemas, or choose another media type under `[media]` in connector.toml",
                    Limit::Walk => "build the schema from fewer schemas, or leave the operation out with `exclude` in connector.toml",
                    Limit::Tags => "name fewer values under `mapping`, or remove `discriminator`",
                    Limit::Document => "put schemas under `components` and refer to them, or choose fewer operations with `include` in connector.toml",
                })
        };
        exceeded.iter().map(finding).collect()
    }
}
