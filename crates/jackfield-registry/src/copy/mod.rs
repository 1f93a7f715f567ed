//! A copy of a registry on disk, which several processes can use at once.

pub(crate) mod database;
pub(crate) mod disk;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod index;
pub(crate) mod local;
pub(crate) mod lock;
pub(crate) mod memo;
pub(crate) mod mirror;
pub(crate) mod place;
pub(crate) mod rows;
pub(crate) mod sync;
