//! Finds, judges and compares MCP servers that are published in a registry.
//!
//! A registry publishes [entries](Entry): a server with its packages and remote addresses. [`Client`] reads them over the registry's API,
//! and [`LocalCopy`] keeps all of them on disk, where they are [found](LocalCopy::find) by words. [`check`] tells what is dangerous about an
//! entry before anything of it is fetched or started, and [`differences`] tells what a new version changes.
//!
//! Everything in an entry was written by its publisher, so every size is limited, and a malformed entry affects no other entry.
//! This crate prints nothing and starts nothing.

mod api;
mod check;
mod copy;
mod difference;
mod entry;
mod time;

pub use api::address::{InvalidRegistryAddress, RegistryAddress};
pub use api::client::{Client, ClientLimits};
pub use api::error::ApiError;
pub use api::http::{HttpReply, RegistryHttp, RemoteRegistry};
pub use api::page::Page;
pub use check::answer::{AnswerProblem, check_answer};
pub use check::entry::{check, check_package, check_remote, check_url};
pub use check::finding::{Finding, FindingCode, Severity};
pub use check::look_alike::{look_alike_finding, skeleton};
pub use copy::error::CopyError;
pub use copy::export::ExportError;
pub use copy::find::{Hit, Scope};
pub use copy::local::{CopyState, LocalCopy};
pub use copy::mirror::Imported;
pub use copy::sync::{Poll, SyncError, SyncLimits, SyncOptions, SyncOutcome, Synced};
pub use difference::compare::differences;
pub use difference::one::{Difference, DifferenceKind};
pub use entry::argument::{Argument, ArgumentKind};
pub use entry::error::EntryError;
pub use entry::input::{Input, InputFormat, NamedInput};
pub use entry::item::PublishedItem;
pub use entry::name::{InvalidReference, ServerName, ServerReference};
pub use entry::official::{Official, Status};
pub use entry::package::{Package, PackageKind};
pub use entry::remote::Remote;
pub use entry::server::{Entry, Repository};
pub use entry::template::{fill, placeholders};
pub use entry::transport::{Transport, TransportKind};
pub use entry::version::{ExactVersion, VersionProblem};
pub use jackfield_diff::Class;
