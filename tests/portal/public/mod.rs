mod descriptions;
mod verify;
