//! A mock of an API, built from the operations of its connector.
//!
//! [`Mock`] answers requests as the document says. It finds the operation of a request, and reads the arguments by reversing the steps
//! that build requests. It validates the arguments against the schema of the tool, and replies with the example in the document or
//! with a sampled value. A request that does not match an operation gets a status such as 400 and the reason.
//!
//! [`sample()`] and [`arguments()`] generate values that match a schema. The schema determines the value.
//!
//! The crate opens neither sockets nor files: `jackfield-runtime` serves the mock, and calls the tools of a connector against it.

mod decode;
mod definitions;
mod echo;
mod mock;
mod operation;
mod pages;
mod replies;
mod route;
mod sample;
mod shape;
mod tree;
mod wire;

pub use definitions::{Definitions, OwnDefinitions};
pub use mock::{Answer, JOB, Mock, Schemas};
pub use operation::{Operation, Paging};
pub use replies::{InvalidReplies, Replies, Reply};
pub use route::{Route, Target, base_path};
pub use sample::{Fill, Limits, argument, arguments, fits, sample};
pub use wire::{Request, decoded_pairs, is_json};
