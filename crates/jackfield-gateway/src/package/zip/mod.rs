//! Reads ZIP archives that anybody may have made, with limits.

mod bytes;
mod directory;
mod path;
pub(super) mod unpack;
