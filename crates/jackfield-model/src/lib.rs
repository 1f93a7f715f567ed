//! The model of a connector: the content of an OpenAPI document as plain data.
//!
//! `jackfield-openapi` lowers documents to a [`Connector`], `jackfield-surface` decides about its tools, and
//! `jackfield-codegen` prints them. `preview` and the mock server of the tests interpret the model. This
//! crate does no I/O.

mod candidate;
mod connector;
mod destination;
mod diagnostic;
mod fix;
mod job;
mod merge;
mod merged_into;
mod names;
mod operation;
mod paging;
mod place;
mod preset;
mod prompt;
mod resource;
mod schema;
mod security;
mod server;
mod side_by_side;
mod subschema;
pub mod text;

pub use candidate::Candidate;
pub use connector::{Connector, Count, Group, ParameterSetting, RateLimit, ReplyRule, ToolSelection};
pub use destination::{Destinations, SchemeDestinations};
pub use diagnostic::{Code, Diagnostic, Severity, Skip};
pub use fix::Fix;
pub use jackfield_recipe::{
    AddressClass, Alternative, Ask, BYTES, Caching, CallRate, ClientAuthentication, CredentialField, Effect,
    Encoding, FlowKind, Input, JobResult, Location, MERGED_BY_ARGUMENTS, MERGED_BY_SELECTOR, PageStyle,
    Payload, PromptPart, ReplyPath, RetryLimits, Setting, Step, Style, SurfaceKind, TemplateVariable,
    TimeLimits, USUAL_REPLY_BYTES, UriTemplate, VariableKind, WireSlot, alternatives_in_words,
    decimal_number, fits_glob, hex_encode, hex_number, indistinct_alternatives, is_idempotency_key,
    is_invisible, is_xml_name, line_and_column, names_secret, nearest, origin_of, percent_decode,
    percent_decode_lenient, prompt_parts, push_percent_escape, shell_quoted, stays_in_place, variable_prefix,
    verbs, visible, visible_line,
};
pub use job::{Job, JobReader};
pub use merge::Merge;
pub use merged_into::MergedInto;
pub use names::{ArgName, ConnectorName, NameError, RustIdent, ToolName, WireName};
pub use operation::{
    Arg, Body, Method, Operation, Reply, Stated, StatedHeader, StatedJob, StatedLink, StatedPaging,
    StatedTool, Status,
};
pub use paging::{Paging, json_pointer};
pub use place::{Place, Pointer, json_path_text};
pub use preset::{Preset, PresetKind};
pub use prompt::{Prompt, PromptArgument};
pub use resource::Resource;
pub use schema::{Defs, Pool, Schema};
pub use security::{Client, Command, Flow, Need, Requirement, Scheme, SchemeKind};
pub use server::{Server, ServerVariable};
pub use side_by_side::side_by_side;
pub use subschema::{Holds, Slot, subschemas, subschemas_mut, subschemas_of};
