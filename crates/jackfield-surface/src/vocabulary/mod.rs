//! The words that describe what an operation does. All verbs and their forms are defined here.
//!
//! Names, effects and descriptions are derived from the same texts, so they need the same list of verbs.
//! Verbs that a running connector also needs are in `jackfield-recipe`.

mod class;
mod operation;
mod sign;
mod verb;

pub use class::{VerbClass, is_form, is_same_effect};
pub use verb::{is_empty_verb, verb_of};

pub(crate) use class::{is_noun_of, is_third_person};
pub(crate) use jackfield_model::verbs::{ASKS, CHANGES, DESTROYS, DOES, READS, words};
pub(crate) use operation::{ITSELF, OFFERED};
pub(crate) use sign::*;
pub(crate) use verb::{
    VERBS, is_any_verb, is_derived_verb, is_verb, leading_verb, looks, only_looks, telling_verb,
};
