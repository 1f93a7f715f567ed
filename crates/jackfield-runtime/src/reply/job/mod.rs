//! The status of a job that a call has started (ADR 0054).

mod place;
mod state;
mod status;
mod template;

pub(crate) use place::{JobPlace, PlaceKind, header, place_of};
pub(crate) use state::JobPhase;
pub(crate) use status::{JobOutcome, JobStatus, STATES as USUAL_STATES};
pub(crate) use template::{match_path, same_address};
