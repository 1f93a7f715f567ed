//! Pagination: how many items the page in a reply has, and which call gets the next page (ADR 0053).

mod address;
mod joined;
mod line;
mod read;
mod values;

pub(crate) use joined::{JoinedPages, Joiner, MOST_BYTES, NotJoined, ShownPage};
pub(in crate::reply) use read::page_text;
pub(crate) use read::{NextPage, Page, PagedCall, argument, names_file, number_of};
