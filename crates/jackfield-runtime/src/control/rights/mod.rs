//! Rights: which principals may see and call which targets.

pub(crate) mod apply;
pub(crate) mod compiled;
mod condition;
mod document;
pub(crate) mod error;
pub(crate) mod fixed;
mod patterns;
pub(crate) mod permit;
mod principals;
mod reader;
mod rule;
pub(crate) mod stored;
pub(crate) mod unmatched;
mod when;

pub(crate) use document::RightsDocument;

#[cfg(test)]
mod tests;
