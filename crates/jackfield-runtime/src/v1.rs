//! The API for generated code, which uses nothing else of this crate.
//!
//! A change that breaks existing generated code makes a new contract: the number of the constant below changes, and a
//! connector of the old contract fails to build with a name that says what to do.

pub use jackfield_recipe::{Effect, Encoding, Location, Payload};

pub use crate::call::args::{ArgError, Args, Input};
pub use crate::call::request::Request;
pub use crate::call::rows::{
    Bind, Client, ClientAuthentication, Command, Connector, Flow, FlowKind, Group, Need, ParameterSetting,
    Schema, Scheme, Server, ServerVariable, Tool,
};

/// Generated code names the contract that it was made for. If the compiler cannot find this name, the versions of the
/// connector and the runtime differ: run `jackfield gen` beside connector.toml, with the `jackfield` of this runtime.
#[allow(non_upper_case_globals, reason = "the name is the message that a stale connector's author reads")]
pub const contract_1_is_missing__run_jackfield_gen_to_match_this_jackfield_runtime: () = ();
