use std::collections::BTreeSet;

use jackfield_recipe::Step;
use serde_json::Value;

/// An operation, as its tool calls it.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// The name of the tool.
    pub tool: String,
    /// The HTTP method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The steps that make a request of the arguments.
    pub steps: Vec<Step>,
    /// Query parameters that are not arguments: settings of the connector, and credentials.
    pub ignored: BTreeSet<String>,
    /// How its list is divided into pages.
    pub paging: Option<Paging>,
    /// Values that every reply has, at JSON Pointers: the state of a job that is done, for example.
    pub set: Vec<(String, Value)>,
    /// Texts that replace those of a reply, at JSON Pointers. A boolean there becomes true.
    pub replace: Vec<(String, Value)>,
    /// Headers of every reply.
    pub headers: Vec<(String, String)>,
}

/// How a list is divided into pages. Values of replies are named by JSON Pointers.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// The argument that selects the page. Empty if only an address leads to the next page.
    pub position: String,
    /// The position of the first page, if pages or items are counted.
    pub first: Option<u64>,
    /// The place of the list.
    pub items: Option<String>,
    /// The place of the token, number or address that leads to the next page.
    pub next: Option<String>,
    /// The place of the value that is true if another page follows.
    pub more: Option<String>,
    /// The place of the value that is true if no other page follows.
    pub last: Option<String>,
    /// The places of the numbers of all items and of all pages.
    pub totals: Vec<String>,
    /// Whether `next` is an address.
    pub is_address: bool,
}
