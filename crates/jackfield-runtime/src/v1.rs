//! The surface that generated code names, and nothing else of this crate.
//!
//! A change here that generated code of today would not survive makes a new contract: the constant below gets a new
//! number, and a connector of the old one fails to build with a name that says what to do.

pub use jackfield_recipe::{Effect, Encoding, Location, Payload};

pub use crate::call::args::{ArgError, Args, Input};
pub use crate::call::request::Request;
pub use crate::call::rows::{
    Bind, Client, ClientAuthentication, Command, Connector, Flow, FlowKind, Group, Need, Schema, Scheme,
    Server, ServerVariable, Tool,
};

/// Generated code mentions the contract it was made for. Where the compiler cannot find this name, the connector and
/// the runtime are of different ages: run `jackfield gen` beside connector.toml, with the `jackfield` of this runtime.
#[allow(non_upper_case_globals, reason = "the name is the message that a stale connector's author reads")]
pub const contract_1_is_missing__run_jackfield_gen_to_match_this_jackfield_runtime: () = ();
