//! Security schemes and requirements.

mod address;
mod check;
mod flow;
mod login;
mod prefix;
mod requirement;
mod scheme;
mod scope;

pub use address::endpoint;
pub(crate) use check::{check, unused};
pub(crate) use login::unite;
pub(crate) use requirement::Security;
pub(crate) use scheme::schemes;
