//! Extracts schemas from the document, converts them to JSON Schema 2020-12, and stores shared ones in a
//! pool.
//!
//! Every reference becomes `#/$defs/NAME`. So recursive and shared schemas need no special case, and no
//! reference is expanded. Each schema has two projections: one for requests and one for responses.

mod hidden;
mod implied;
mod keyword;
mod lifter;
mod nullable;
mod object;
mod pattern;
mod pool_names;
mod projection;
mod tag;
mod trail;

pub(crate) use lifter::Lifter;
pub(crate) use object::Property;
pub(crate) use projection::Projection;
