"""What the server sends: pages taken in, records that enter and leave the device."""
