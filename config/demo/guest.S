/* SPDX-License-Identifier: Apache-2.0 */

/* A guest in one boot sector: it needs no image from anywhere and starts in a tenth of a second.
 * Each turn it reads 4096 bytes and writes 2048 to its first disk, sends one Ethernet frame where
 * it finds an NE2000, lets go of PCI devices that the host wants back, computes for a while, and
 * sleeps. Assembled by config/demo/make-guest, which may set:
 *   PACE   timer ticks (55 ms each) asleep per turn
 *   BURN   rounds of an empty loop per turn */

        .ifndef PACE
        .set PACE, 9
        .endif
        .ifndef BURN
        .set BURN, 200000
        .endif

        .set READ_SECTORS, 8
        .set WRITE_SECTORS, 4
        .set FRAME_BYTES, 60
        .set EJECT, 0xae00              /* QEMU's ACPI PCI hot-plug registers (i440fx) */

        .code16
        .text
        .globl _start
_start:
        ljmp    $0, $begin
begin:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movb    %dl, drive
        sti
        cld

turn:
        movw    $READ_SECTORS, packet_sectors
        movw    $0x4200, %ax
        call    disk
        movw    $WRITE_SECTORS, packet_sectors
        movw    $0x4300, %ax
        call    disk
        call    send
        call    let_go

        movl    $BURN, %ecx
burn:   addr32 loop burn

        movw    $PACE, %cx
doze:   hlt
        loop    doze
        jmp     turn

disk:                                   /* ax: what int 13h shall do with `packet` */
        movw    $packet, %si
        movb    drive, %dl
        int     $0x13
        ret

/* A host's device_del waits until the guest writes the slot back. */
let_go:
        xorl    %eax, %eax
        movw    $(EJECT + 0x10), %dx
        outl    %eax, %dx               /* bus 0 */
        movw    $(EJECT + 4), %dx
        inl     %dx, %eax
        testl   %eax, %eax
        jz      kept
        movw    $(EJECT + 8), %dx
        outl    %eax, %dx
kept:   ret

/* NE2000 on PCI (10ec:8029), found anew each turn, since it may have been plugged meanwhile.
 * QEMU's model needs no interrupt, no receive ring and no address to transmit. */
send:
        movw    $0xb102, %ax
        movw    $0x8029, %cx
        movw    $0x10ec, %dx
        xorw    %si, %si
        int     $0x1a
        jc      silent
        movw    $0xb10a, %ax
        movw    $0x10, %di
        int     $0x1a
        jc      silent
        andw    $0xfffc, %cx
        jz      silent
        movw    %cx, %bp                /* I/O base */

        movw    $setup, %si
        movw    $((setup_end - setup) / 2), %cx
program:
        lodsb                           /* register */
        movzbw  %al, %dx
        addw    %bp, %dx
        lodsb                           /* value */
        outb    %al, %dx
        loop    program

        movw    %bp, %dx
        addw    $0x10, %dx
        movw    $frame, %si
        movw    $FRAME_BYTES, %cx
        rep outsb
        movw    $go, %si
        movw    $((go_end - go) / 2), %cx
fire:
        lodsb
        movzbw  %al, %dx
        addw    %bp, %dx
        lodsb
        outb    %al, %dx
        loop    fire
silent: ret

setup:
        .byte 0x00, 0x22                /* page 0, started, no DMA */
        .byte 0x0e, 0x48                /* bytes, normal operation */
        .byte 0x0d, 0x00                /* no loopback */
        .byte 0x08, 0x00, 0x09, 0x40    /* remote DMA to page 0x40 */
        .byte 0x0a, FRAME_BYTES, 0x0b, 0x00
        .byte 0x00, 0x12                /* remote write */
setup_end:
go:
        .byte 0x04, 0x40                /* transmit from page 0x40 */
        .byte 0x05, FRAME_BYTES, 0x06, 0x00
        .byte 0x00, 0x26                /* transmit */
go_end:

frame:
        .byte 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
        .byte 0x52, 0x54, 0x00, 0x76, 0x67, 0x65
        .byte 0x88, 0xb5                /* EtherType for local experiments */
        .ascii "vigie: a demonstration frame"

        .balign 4
packet:                                 /* int 13h disk address packet */
        .byte 16, 0
packet_sectors:
        .word 0
        .word 0x8000, 0                 /* to 0000:8000 */
        .quad 8
drive:  .byte 0x80

        .org 510
        .word 0xaa55
