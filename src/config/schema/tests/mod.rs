mod alternatives;
mod constraints;
mod loading;
mod messages;
mod places;
mod validity;
