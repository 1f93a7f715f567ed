//! A mock of the service, built from the tables of a connector, and a check that calls its tools against the mock.

mod any_credential;
mod call_arguments;
mod check;
mod operations;
mod row_schemas;
mod server;

pub(crate) use check::check;
pub use check::{MockCall, MockCheck, MockError, MockOutcome, check_against_mock};
pub(crate) use operations::mock_of;
pub(crate) use server::{MockServer, Served};
