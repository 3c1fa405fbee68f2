//! What older dialects say in other words, one file per dialect, and what every dialect allows but
//! a contract does not.

mod draft_04;
mod draft_07;
mod draft_2019;
mod null;
mod openapi;
mod strict;
