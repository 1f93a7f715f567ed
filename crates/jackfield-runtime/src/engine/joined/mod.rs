//! Connectors behind one endpoint: each keeps its own names, and clients see them below the name at which it was attached.

pub(crate) mod attached_name;
pub(crate) mod joined_service;
pub(crate) mod named_policies;
