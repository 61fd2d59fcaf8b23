"""What the services need from the world, as abstract classes that do the checking."""
