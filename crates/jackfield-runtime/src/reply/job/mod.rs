//! The status of a job that a call has started (ADR 0054).

mod place;
mod state;
mod status;
mod template;

pub(crate) use place::{JobPlace, PlaceKind, header, place_of};
pub(crate) use status::{JobOutcome, JobPhase, JobStatus};
pub(crate) use template::{match_path, same_address};
