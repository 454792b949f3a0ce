"""The marketplace: listings, reviews, installs."""
