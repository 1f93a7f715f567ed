//! A mock of the service, made of the tables of a connector, and calls of its tools against that mock.

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
