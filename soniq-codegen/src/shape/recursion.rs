//! Types that contain themselves: where Rust needs a `Box`, or a struct instead of an alias.

use std::collections::BTreeSet;
use std::mem;

use super::{ItemId, ItemKind, Shape, Shapes};

/// Makes every type finite: an alias in a cycle becomes a struct, and a field that leads back to
/// its own struct without a `Vec` or a map on the way is boxed.
pub(super) fn break_cycles(shapes: &mut Shapes) {
    for index in 0..shapes.items.len() {
        let id = ItemId(index);
        if let ItemKind::Alias(shape) = &shapes.items[index].kind
            && reaches(shapes, shape, id, in_alias)
        {
            // A `$ref` that leads to nothing but itself says nothing about its values.
            let shape = match shape {
                Shape::Item(_) => Shape::Json,
                shape => shape.clone(),
            };
            shapes.items[index].kind = ItemKind::Newtype(shape);
        }
    }
    for index in 0..shapes.items.len() {
        let id = ItemId(index);
        // No way is followed beyond the item itself, so it need not be there meanwhile.
        let mut kind = mem::replace(&mut shapes.items[index].kind, ItemKind::Check);
        match &mut kind {
            ItemKind::Struct(fields) => {
                for field in &mut fields.fields {
                    box_cycle(shapes, &mut field.shape, id);
                }
            }
            ItemKind::Union(union) => {
                for variant in &mut union.variants {
                    box_cycle(shapes, &mut variant.shape, id);
                }
            }
            ItemKind::Newtype(shape) => box_cycle(shapes, shape, id),
            ItemKind::Enum(_) | ItemKind::Alias(_) | ItemKind::Check => {}
        }
        shapes.items[index].kind = kind;
    }
}

/// Boxes the items in `shape` that contain `owner` by value.
fn box_cycle(shapes: &Shapes, shape: &mut Shape, owner: ItemId) {
    match shape {
        Shape::Nullable(inner) => box_cycle(shapes, inner, owner),
        Shape::Tuple(elements) => {
            for element in elements {
                box_cycle(shapes, element, owner);
            }
        }
        Shape::Item(_) if reaches(shapes, shape, owner, by_value) => {
            *shape = Shape::Boxed(Box::new(shape.clone()));
        }
        _ => {}
    }
}

/// Whether the way from `shape` leads to `owner`; `next` gives what each item leads to.
fn reaches(
    shapes: &Shapes,
    shape: &Shape,
    owner: ItemId,
    next: fn(&Shapes, ItemId, &mut Vec<ItemId>),
) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    all_items(shape, &mut open);
    while let Some(id) = open.pop() {
        if id == owner {
            return true;
        }
        if seen.insert(id) {
            next(shapes, id, &mut open);
        }
    }
    false
}

/// What an alias names: an alias must not lead to itself, even through a `Vec`.
fn in_alias(shapes: &Shapes, id: ItemId, out: &mut Vec<ItemId>) {
    if let ItemKind::Alias(shape) = &shapes.item(id).kind {
        all_items(shape, out);
    }
}

/// What a type holds in its own bytes.
fn by_value(shapes: &Shapes, id: ItemId, out: &mut Vec<ItemId>) {
    match &shapes.item(id).kind {
        ItemKind::Struct(fields) => {
            for field in &fields.fields {
                inline_items(&field.shape, out);
            }
        }
        ItemKind::Union(union) => {
            for variant in &union.variants {
                inline_items(&variant.shape, out);
            }
        }
        ItemKind::Alias(shape) | ItemKind::Newtype(shape) => inline_items(shape, out),
        ItemKind::Enum(_) | ItemKind::Check => {}
    }
}

/// Every item that a shape names.
fn all_items(shape: &Shape, out: &mut Vec<ItemId>) {
    match shape {
        Shape::Item(id) => out.push(*id),
        Shape::Nullable(inner) | Shape::List(inner) | Shape::Map(inner) => all_items(inner, out),
        Shape::Tuple(elements) => elements.iter().for_each(|shape| all_items(shape, out)),
        _ => {}
    }
}

/// The items that a shape holds without a `Vec`, a map or a `Box` on the way.
fn inline_items(shape: &Shape, out: &mut Vec<ItemId>) {
    match shape {
        Shape::Item(id) => out.push(*id),
        Shape::Nullable(inner) => inline_items(inner, out),
        Shape::Tuple(elements) => elements.iter().for_each(|shape| inline_items(shape, out)),
        _ => {}
    }
}
