//! Connectors behind one endpoint. Each connector keeps its own names; clients see these names prefixed with the name under which the
//! connector is attached.

pub(crate) mod attached_name;
pub(crate) mod joined_service;
pub(crate) mod named_policies;
