//! The names of tools and identifiers, chosen once over the whole document, before anything is printed.

mod brief;
mod choose;
mod clean;
mod merged_name;
mod number;
mod overview;
mod resource;
mod route;
mod snake;
mod split;
mod surface;
mod unglue;

pub use choose::{ChosenName, LONGEST, Names, Renames, tool_names};
pub use merged_name::MergedName;
pub use surface::{NamedTool, Surface, ToolGroup};

pub(crate) use overview::first_resources;
