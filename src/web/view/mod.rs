//! What pages share: layout, navigation, tags, bars, dates, lists.

pub mod acquaintances;
pub mod bar;
pub mod certificate_pdf;
pub mod conversation;
pub mod dates;
pub mod flash;
pub mod inquiry_view;
pub mod layout;
pub mod navigation;
pub mod notice_log;
pub mod page;
pub mod paging;
pub mod staff_notes;
pub mod statement;
pub mod statement_lines;
pub mod tags;
pub mod versions;
