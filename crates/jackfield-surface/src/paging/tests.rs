//! Tests of the detection of pagination.

use jackfield_model::{Defs, Encoding, Reply, Schema, Status};
use serde_json::json;

use jackfield_model::{Input, Step};

use super::*;
use crate::lean::tests::connector;

/// Returns a line that describes the pagination of an operation with these arguments and this reply.
fn recognised(args: Value, reply: Value, extension: &[(&str, &str)], has_link_header: bool) -> String {
    let mut made = connector(args.clone(), json!({}));
    let operation = &mut made.groups[0].operations[0];
    operation.recipe = args
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| Step::Query {
            wire: name.clone(),
            input: Input::arg(name.clone(), false),
            encoding: Encoding::FORM,
        })
        .collect();
    operation.replies.push(Reply {
        status: Status::Code(200),
        media_type: Some("application/json".to_owned()),
        schema: (!reply.is_null()).then(|| Schema::new(reply)),
        example: None,
    });
    let values = extension.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    operation.stated.paging = jackfield_model::StatedPaging { values: values.collect(), has_link_header };
    let Some(paging) = recognise(operation, &Defs::new()) else { return "none".to_owned() };
    let mut text = paging.style.as_str().to_owned();
    let position = paging.position.as_ref().map(|it| it.as_str().to_owned());
    let parts = [
        ("by", position),
        ("next", paging.next),
        ("items", paging.items),
        ("total", paging.total),
        ("pages", paging.pages),
        ("more", paging.more),
        ("last", paging.last),
        ("size", paging.size.map(|it| it.to_string())),
    ];
    for (word, value) in parts {
        text += &value.map(|value| format!(" {word}={value}")).unwrap_or_default();
    }
    if paging.first > 0 { text + " from 1" } else { text }
}

fn books() -> Value {
    json!({ "type": "array", "items": { "properties": { "id": { "type": "string" }, "title": { "type": "string" } } } })
}

fn integer() -> Value {
    json!({ "type": "integer" })
}

fn text() -> Value {
    json!({ "type": "string" })
}

#[test]
fn paging_style_is_detected_from_arguments_and_response_schema() {
    let flag = || json!({ "type": "boolean" });
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    for (args, reply, expected) in [
        (
            json!({ "page": integer(), "per_page": integer() }),
            books(),
            "page by=page items= size=per_page from 1",
        ),
        (
            json!({ "page": { "type": "integer", "default": 0 }, "size": integer() }),
            object(
                json!({ "content": books(), "totalElements": integer(), "totalPages": integer(), "last": flag() }),
            ),
            "page by=page items=/content total=/totalElements pages=/totalPages last=/last size=size",
        ),
        (
            json!({ "offset": integer(), "limit": integer() }),
            object(json!({ "books": books(), "meta": object(json!({ "total_count": integer() })) })),
            "offset by=offset items=/books total=/meta/total_count size=limit",
        ),
        (
            json!({ "startAt": integer(), "maxResults": integer() }),
            object(json!({ "values": books(), "isLast": flag() })),
            "offset by=startAt items=/values last=/isLast size=maxResults",
        ),
        (
            json!({ "pageToken": text(), "maxResults": integer() }),
            object(json!({ "items": books(), "nextPageToken": text() })),
            "token by=pageToken next=/nextPageToken items=/items size=maxResults",
        ),
        (
            json!({ "cursor": text(), "limit": integer() }),
            object(
                json!({ "books": books(), "response_metadata": object(json!({ "next_cursor": text() })) }),
            ),
            "token by=cursor next=/response_metadata/next_cursor items=/books size=limit",
        ),
        (
            json!({ "cursor": text() }),
            object(
                json!({ "books": books(), "page_info": object(json!({ "end_cursor": text(), "has_next_page": flag() })) }),
            ),
            "token by=cursor next=/page_info/end_cursor items=/books more=/page_info/has_next_page",
        ),
        (
            json!({ "starting_after": text(), "ending_before": text(), "limit": integer() }),
            object(json!({ "data": books(), "has_more": flag() })),
            "last item by=starting_after next=/id items=/data more=/has_more size=limit",
        ),
        (
            json!({ "after": text(), "limit": integer() }),
            object(json!({ "data": books(), "has_more": flag(), "next": text() })),
            "token by=after next=/next items=/data more=/has_more size=limit",
        ),
        (
            json!({ "since_id": integer(), "limit": integer() }),
            object(json!({ "books": books() })),
            "last item by=since_id next=/id items=/books size=limit",
        ),
        (
            json!({ "page": integer() }),
            object(
                json!({ "count": integer(), "next": { "type": "string", "format": "uri" }, "results": books() }),
            ),
            "address next=/next items=/results total=/count",
        ),
        (
            json!({}),
            object(json!({ "value": books(), "@odata.nextLink": text(), "@odata.count": integer() })),
            "address next=/@odata.nextLink items=/value total=/@odata.count",
        ),
        (
            json!({ "limit": integer() }),
            object(
                json!({ "data": books(), "links": object(json!({ "next": object(json!({ "href": text() })) })) }),
            ),
            "address next=/links/next/href items=/data size=limit",
        ),
    ] {
        assert_eq!(recognised(args, reply, &[], false), expected);
    }
    let args = json!({ "page": integer(), "per_page": integer() });
    assert_eq!(recognised(args, books(), &[], true), "link by=page items= size=per_page from 1");
    assert_eq!(recognised(json!({ "limit": integer() }), books(), &[], true), "link items= size=limit");
}

#[test]
fn string_offset_that_replies_return_is_a_page_token() {
    let reply = |offset: Value| json!({ "properties": { "records": books(), "offset": offset } });
    let args = json!({ "offset": text(), "pageSize": integer() });
    let token = "token by=offset next=/offset items=/records size=pageSize";
    assert_eq!(recognised(args.clone(), reply(text()), &[], false), token);
    assert_eq!(recognised(args.clone(), reply(json!({ "type": ["string", "null"] })), &[], false), token);
    // An integer in the reply is the number of items before the page. It is not a token.
    let counted = "offset by=offset items=/records size=pageSize";
    assert_eq!(recognised(args, reply(integer()), &[], false), counted);
    let args = json!({ "offset": integer(), "pageSize": integer() });
    assert_eq!(recognised(args, reply(text()), &[], false), counted);
}

#[test]
fn paging_extension_names_arguments_and_response_properties() {
    let reply = json!({ "properties": { "hits": books(), "more": text(), "n": integer() } });
    for (extension, expected) in [
        (&[("nextLinkName", "more"), ("itemName", "hits")][..], "address next=/more items=/hits"),
        (
            &[
                ("type", "cursor"),
                ("name", "c"),
                ("type", "cursor"),
                ("results", "$.hits"),
                ("nextCursor", "$.more"),
            ],
            "token by=c next=/more items=/hits",
        ),
        (
            &[("cursor", "$request.c"), ("next_cursor", "$response.more"), ("results", "$response.hits")],
            "token by=c next=/more items=/hits",
        ),
        (&[("offset", "$request.c"), ("results", "$response.hits")], "offset by=c items=/hits"),
    ] {
        assert_eq!(recognised(json!({ "c": text() }), reply.clone(), extension, false), expected);
    }
}

#[test]
fn paging_is_not_detected_without_evidence() {
    let book = json!({ "properties": { "title": text(), "next": text() } });
    for (args, reply) in [
        (json!({ "page": integer() }), book.clone()),
        (json!({ "limit": integer() }), books()),
        (json!({ "after": { "type": "string", "format": "date" } }), books()),
        (json!({ "token": text() }), books()),
        (json!({ "start": { "type": "string", "format": "date-time" }, "limit": integer() }), books()),
        (json!({ "start": integer(), "end": integer(), "count": integer() }), books()),
        (json!({}), book),
        (json!({ "title": text() }), Value::Null),
    ] {
        assert_eq!(recognised(args.clone(), reply, &[], false), "none", "{args}");
    }
}
