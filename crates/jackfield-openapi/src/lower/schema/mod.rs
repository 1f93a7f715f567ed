//! Schemas are lifted out of the document whole, upgraded to JSON Schema 2020-12, and kept in a pool.
//!
//! A reference becomes `#/$defs/NAME`, whatever it led to, so cycles and sharing are ordinary and nothing is ever
//! expanded. Each schema exists in two projections: what may be sent, and what may come back.

mod keyword;
mod lifter;
mod nullable;
mod object;
mod pattern;
mod projection;
mod tag;
mod trail;

pub(crate) use lifter::Lifter;
pub(crate) use object::Property;
pub(crate) use projection::Projection;
