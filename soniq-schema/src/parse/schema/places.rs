//! Where schemas stand, and what their anchors are.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::json_schema::SchemaId;
use crate::source::{FileId, Location};

/// Where one schema stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::parse) struct Place {
    pub(in crate::parse) file: FileId,
    /// JSON pointer from the file to the schema that `#` means here: `/types/Money` in a contract,
    /// always empty in a JSON file.
    pub(super) root: Rc<str>,
    /// JSON pointer from there.
    pub(super) pointer: String,
}

impl Place {
    /// A schema that is a root, at the end of these keys of its file.
    pub(in crate::parse) fn root(file: FileId, keys: &[&str]) -> Place {
        let mut root = String::new();
        for key in keys {
            root.push('/');
            root.push_str(&escaped(key));
        }
        Place {
            file,
            root: root.into(),
            pointer: String::new(),
        }
    }

    /// The place at the end of `pointer` below the same root.
    pub(super) fn at(&self, pointer: String) -> Place {
        Place {
            pointer,
            ..self.clone()
        }
    }

    /// The place of a part: `steps` is a JSON pointer without its first slash.
    pub(super) fn child(&self, steps: &str) -> Place {
        self.at(format!("{}/{steps}", self.pointer))
    }

    /// Whether the last step but one is `key`.
    pub(super) fn is_below(&self, key: &str) -> bool {
        self.absolute().rsplit('/').nth(1) == Some(key)
    }

    /// JSON pointer from the file.
    pub(super) fn absolute(&self) -> String {
        format!("{}{}", self.root, self.pointer)
    }
}

/// A key as a step of a JSON pointer, RFC 6901 section 3.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The places of all schemas that were read.
#[derive(Debug, Default)]
pub(in crate::parse) struct Places {
    schemas: BTreeMap<(FileId, String), SchemaId>,
    anchors: BTreeMap<(FileId, Rc<str>, String), (SchemaId, Location)>,
    /// `$id`s of roots.
    ids: BTreeMap<(FileId, Rc<str>), String>,
}

impl Places {
    pub(super) fn add(&mut self, place: &Place, id: SchemaId) {
        self.schemas.insert((place.file, place.absolute()), id);
    }

    pub(super) fn find(&self, file: FileId, absolute: &str) -> Option<SchemaId> {
        self.schemas.get(&(file, absolute.to_owned())).copied()
    }

    /// The last steps of the places directly below `parent`, for suggestions.
    pub(super) fn names_below<'p>(&'p self, file: FileId, parent: &str) -> Vec<&'p str> {
        let first = (file, format!("{parent}/"));
        let below = self.schemas.range(first.clone()..);
        below
            .take_while(|((of, pointer), _)| *of == file && pointer.starts_with(&first.1))
            .filter_map(|((_, pointer), _)| pointer.get(first.1.len()..))
            .filter(|step| !step.contains('/'))
            .collect()
    }

    /// Declares an anchor; the place of the first one of that name if there is one already.
    pub(super) fn add_anchor(
        &mut self,
        place: &Place,
        name: &str,
        id: SchemaId,
        location: &Location,
    ) -> Option<Location> {
        let key = (place.file, place.root.clone(), name.to_owned());
        if let Some((_, first)) = self.anchors.get(&key) {
            return Some(first.clone());
        }
        self.anchors.insert(key, (id, location.clone()));
        None
    }

    pub(super) fn anchor(&self, place: &Place, name: &str) -> Option<SchemaId> {
        let key = (place.file, place.root.clone(), name.to_owned());
        self.anchors.get(&key).map(|(id, _)| *id)
    }

    /// The anchors of a root, for suggestions.
    pub(super) fn anchors_of<'p>(&'p self, place: &Place) -> Vec<&'p str> {
        let of_root = |(file, root, _): &&(FileId, Rc<str>, String)| {
            *file == place.file && *root == place.root
        };
        let keys = self.anchors.keys().filter(of_root);
        keys.map(|(_, _, name)| name.as_str()).collect()
    }

    pub(super) fn set_id(&mut self, place: &Place, id: &str) {
        let key = (place.file, place.root.clone());
        self.ids.insert(key, id.to_owned());
    }

    /// The `$id` of the root that a place belongs to.
    pub(super) fn id_of(&self, place: &Place) -> Option<&str> {
        let key = (place.file, place.root.clone());
        self.ids.get(&key).map(String::as_str)
    }
}
